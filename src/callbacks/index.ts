export { dtSchedule, DtSchedule, type DtScheduleOptions, type Schedule } from "./dtSchedule.ts";
export { rateMonitor, RateMonitor, type LayerActivity, type RateMonitorOptions, type RateReport } from "./rateMonitor.ts";
