/** Expects a rejection, and hands its error on. */
export async function rejection(work: Promise<unknown>): Promise<Error & { layer?: string }> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected a rejection, got none");
}
