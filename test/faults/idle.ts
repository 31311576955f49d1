/** A planted fault: a stressor that takes nothing and says that all went well. It stands in for every worker. */
import { stressor, type Task } from "../../lib/stress/stressor.ts";

export default stressor((_task: Task, hold) => {
  hold.untilReleased();
  // what any of the workers would say that it did
  const amounts = {
    writtenBytes: 0,
    descriptors: 0,
    chunks: 0,
    peakBytes: 0,
    usedBytes: 0,
    arrays: 0,
    cpuMs: 0,
  };
  return { ...amounts, refusedBy: null, method: "direct", acquiredMs: 0, elapsedMs: 1 };
});
