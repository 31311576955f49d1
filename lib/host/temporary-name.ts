/** The names of things that a run makes outside its report folder. */

/** Every name that we make anywhere starts so; nothing else is ever removed. */
export const TEMPORARY_PREFIX = ".proofload-";
