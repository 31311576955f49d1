/** How a scenario's script is called in help, mistakes and reports. */
import { showPath } from "./shown-path.ts";

/** Ours from the repository's folder, as the README has it; somebody else's from where they are. `file`: its absolute path. */
export function showScript(file: string, scenario: string): string {
  const own = `scripts/${scenario}.ts`;
  return file.endsWith(`/${own}`) ? own : showPath(file);
}
