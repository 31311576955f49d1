/** How a scenario's script is called in help, mistakes and reports. */
import { relative } from "node:path";

/** Ours from the repository's folder, as the README has it; somebody else's from where they are. `file`: its absolute path. */
export function showScript(file: string, scenario: string): string {
  const own = `scripts/${scenario}.ts`;
  if (file.endsWith(`/${own}`)) return own;
  const shown = relative(process.cwd(), file);
  return shown.startsWith("..") ? file : shown;
}
