/** pytest: `--collect-only`, quiet, a name a line. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Collector, firstOf, onPath } from "../collector.ts";

export const pytest: Collector = {
  name: "pytest",
  lists: "tests",
  dialect: "python",
  find: (project) =>
    firstOf(project, ["pytest.ini", "conftest.py", "pyproject.toml", "setup.cfg", "tox.ini"]),
  command: ({ project, folder }) => {
    const program = [".venv/bin/pytest", "venv/bin/pytest"]
      .map((path) => join(project, path))
      .find(existsSync);
    const found = program ?? onPath("pytest") ?? onPath("pytest-3");
    if (found === null) return { missing: "pytest is not on the PATH, nor in the project's .venv" };
    return [found, "--collect-only", "-q", "--rootdir", folder, folder];
  },
  read: ({ stdout, stderr, exitCode }) => {
    const lines = stdout.split("\n");
    const errors = lines.filter((line) => /^ERROR /.test(line));
    // 0: collected; 5: there is nothing to collect
    const failed = exitCode !== 0 && exitCode !== 5 && errors.length === 0;
    return {
      names: lines.filter((line) => /^\S.*::/.test(line) && !line.startsWith("ERROR ")),
      errors: failed ? [`exit code ${exitCode}: ${(stderr || stdout).trim().slice(-300)}`] : errors,
    };
  },
};
