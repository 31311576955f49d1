/** A small image made without a registry: busybox, as Debian's busybox-static has it, and a page to serve. */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "./engine.ts";

const PLACES = ["/bin/busybox", "/usr/bin/busybox"];
const APPLETS = [
  ...["awk", "cat", "dd", "httpd", "kill", "mkdir", "nc", "rm", "sh", "sleep", "tail", "test", "touch"],
  ...["true", "wget", "yes"],
];
/** Its program's interpreter stands in the first page of one that needs a loader (elf(5)). */
const HEAD_BYTES = 4096;

/** The path of one that needs no libraries, or null. */
export function findBusybox(): string | null {
  const isStatic = (path: string) => !readFileSync(path).subarray(0, HEAD_BYTES).includes("/ld-");
  return PLACES.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() && isStatic(path)) ?? null;
}

/** `folder` is private, and empty. */
export async function importDemoImage(engine: Engine, name: string, folder: string): Promise<void> {
  const busybox = findBusybox();
  if (busybox === null) throw new Error("no static busybox: apt-get install busybox-static");
  for (const part of ["bin", "tmp", "www"]) mkdirSync(join(folder, part));
  cpSync(busybox, join(folder, "bin/busybox"), { dereference: true });
  for (const applet of APPLETS) symlinkSync("busybox", join(folder, "bin", applet));
  writeFileSync(join(folder, "www/index.html"), "well\n");
  const tar = spawn("tar", ["-C", folder, "-c", "."], { stdio: ["ignore", "pipe", "inherit"] });
  await engine.importImage(tar.stdout, name, "latest");
}
