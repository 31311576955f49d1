/**
 * Who imports whom by skott's own API, as its command line tells no links: how many it found. The first argument is the
 * project, the second where skott is. Plain JavaScript, so that the runtime's own start is all that comes on top.
 */
const [project = ".", module = "skott"] = process.argv.slice(2);
process.chdir(project);
const { default: skott } = await import(module);
const { getStructure } = await skott({ cwd: ".", manifestPath: "package.json", circularMaxDepth: Infinity });
const nodes = Object.values(getStructure().graph);
console.log(nodes.reduce((sum, { adjacentTo }) => sum + adjacentTo.length, 0));
