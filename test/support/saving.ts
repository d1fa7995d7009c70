import * as tf from "@tensorflow/tfjs";

/** What a model saves. */
export async function artifactsOf(model: tf.LayersModel, config?: tf.io.SaveConfig): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((saved) => {
      artifacts = saved;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
    }),
    config,
  );
  return artifacts!;
}

/** A model saved and loaded, by way of text, as any file would hold it. */
export async function reloaded(model: tf.LayersModel, config?: tf.io.SaveConfig): Promise<tf.LayersModel> {
  const { weightData, ...rest } = await artifactsOf(model, config);
  const plain = JSON.parse(JSON.stringify(rest)) as tf.io.ModelArtifacts;
  return tf.loadLayersModel(tf.io.fromMemory({ ...plain, weightData: weightData! }));
}
