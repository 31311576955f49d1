/** The source files of a project, and whatever in its folders could not be looked at, by name. */
import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";

export interface ProjectFiles {
  /** Absolute, ascending. Of what a link outside the project leads to, its real path. */
  readonly files: readonly string[];
  /** What could not be looked at, and why: "/a/b: EACCES". */
  readonly amiss: readonly string[];
  /** What was passed over on purpose, and how often: { node_modules: 1 }. */
  readonly passedOver: Readonly<Record<string, number>>;
}

interface Walk {
  readonly isSource: (path: string) => boolean;
  readonly excluded: ReadonlySet<string>;
  readonly files: string[];
  readonly amiss: string[];
  readonly passedOver: Record<string, number>;
  /** Folders yet to be read. */
  readonly open: string[];
  /** Real paths below which everything is read anyway. */
  readonly roots: string[];
}

/**
 * `root`: the real path of a folder. Dependencies, virtual environments and what begins with a dot is not the project's
 * own code; `exclude`: paths from the root that are not, either. A link into what is read anyway is passed over, so
 * that no circle of links is walked.
 */
export function findProjectFiles(
  root: string,
  isSource: (path: string) => boolean,
  exclude: readonly string[],
): ProjectFiles {
  const excluded = new Set(exclude.map((path) => join(root, path)));
  const found = { files: [], amiss: [], passedOver: {} };
  const walk: Walk = { isSource, excluded, ...found, open: [root], roots: [root] };
  for (let folder = walk.open.pop(); folder !== undefined; folder = walk.open.pop()) {
    const before = join(folder, sep);
    for (const entry of readFolder(folder, walk)) look(entry, before + entry.name, walk);
  }
  return { files: walk.files.sort(), amiss: walk.amiss.sort(), passedOver: walk.passedOver };
}

function readFolder(folder: string, walk: Walk): Dirent[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    if (!entries.some(({ name }) => name === "pyvenv.cfg")) return entries;
    passOver(walk, "virtual environment");
  } catch (error) {
    walk.amiss.push(`${folder}: folder could not be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return [];
}

function look(entry: Dirent, path: string, walk: Walk): void {
  const { name } = entry;
  if (name === "node_modules" || name === "__pycache__") passOver(walk, name);
  else if (name.startsWith(".")) passOver(walk, "hidden");
  else if (walk.excluded.has(path)) passOver(walk, "excluded");
  else if (entry.isSymbolicLink()) follow(path, walk);
  else if (entry.isDirectory()) walk.open.push(path);
  else if (entry.isFile() && walk.isSource(name)) walk.files.push(path);
}

function follow(link: string, walk: Walk): void {
  try {
    const path = realpathSync(link);
    const stats = statSync(path);
    const isSource = stats.isFile() && walk.isSource(path);
    if (!stats.isDirectory() && !isSource) return;
    if (walk.roots.some((root) => path === root || path.startsWith(root + sep)))
      passOver(walk, "link into the project");
    else if (isSource) walk.files.push(path);
    else {
      walk.roots.push(path);
      walk.open.push(path);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    walk.amiss.push(`${link}: link that leads nowhere (${code})`);
  }
}

function passOver({ passedOver }: Walk, kind: string): void {
  passedOver[kind] = (passedOver[kind] ?? 0) + 1;
}
