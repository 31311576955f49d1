/** A planted fault: a stressor that takes nothing and never lets go, whatever it is told. It stands in for every worker. */
import { type Hold, stressor, type Task } from "../../lib/stress/stressor.ts";

export default stressor((_task: Task, hold: Hold): never => {
  hold.acquired();
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (;;) Atomics.wait(never, 0, 0);
});
