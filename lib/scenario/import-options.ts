/** The options of whoever reads imports: whose, what of it, and which imports are meant. */
import { repeatable } from "./option.ts";
import { projectOption } from "./project-option.ts";
import { some, text } from "./text-options.ts";

export const importOptions = {
  project: projectOption("JavaScript, TypeScript or Python; nothing in it is run or changed"),
  exclude: repeatable(
    text({ default: "", placeholder: "PATH", help: "what in the project is not its own code" }),
    "nothing",
  ),
  follow: some(["load", "deferred", "type"], {
    default: ["load", "deferred"],
    help: "which imports are meant: carried out while loading, only later (in a function, by import()), or of types alone",
  }),
};
