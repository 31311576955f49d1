/** Surveys a project's imports, made up or not, on a thread of its own, so that the main thread goes on sampling. */
import { makeImportCorpus, type PlantedCycle, writeCorpus } from "../lib/source/corpus.ts";
import { type Survey, surveyImports, type Wish } from "../lib/source/survey.ts";
import { createRandom } from "../lib/stress/random.ts";

interface Task extends Wish {
  /** What to write into the project's folder first, which is empty. */
  readonly corpus: {
    readonly modules: number;
    readonly seed: number;
    readonly planted: readonly PlantedCycle[];
  } | null;
}

export default async function survey({ corpus, ...wish }: Task): Promise<Survey> {
  if (corpus) {
    const { modules, seed, planted } = corpus;
    await writeCorpus(wish.project, makeImportCorpus(modules, createRandom(seed), planted));
  }
  return surveyImports(wish);
}
