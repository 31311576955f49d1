/** The options that say how bad the network between clients and target is, and whether it was. */
import type { Network, Weather } from "../clients/network.ts";
import { type Measure, none } from "./measure.ts";
import { bytes, count, duration, share } from "./number-options.ts";
import { type Options, optional, type Values } from "./option.ts";

export const weatherOptions = {
  delay: duration({ default: "1ms", help: "of each message on the network, in both directions" }),
  cutEvery: count({ default: "50", help: "of all messages, each so-many-th cuts its connection; 0: none" }),
  silent: optional(
    share({
      default: "1%",
      max: "100%",
      help: "of all connections, that fall silent once in use: nothing comes through, no end either",
    }),
    "1 % at the hub; at a server of yours none, as nobody knows when it drops them",
  ),
  throttle: optional(
    bytes({
      default: "64KiB",
      min: "1",
      help: "that get through in a second, of each connection and direction",
    }),
    "all there is",
  ),
} as const satisfies Options;

const HUB_SILENT_SHARE = 0.01;

export function readWeather(
  { delay, cutEvery, silent, throttle }: Values<typeof weatherOptions>,
  isHub: boolean,
) {
  return {
    delayMs: delay,
    cutEvery: cutEvery === 0 ? null : cutEvery,
    silentShare: silent ?? (isHub ? HUB_SILENT_SHARE : 0),
    bytesPerSecond: throttle,
  } satisfies Weather;
}

/** So many are expected that none would be no chance: e⁻⁷ is less than one in a thousand. */
const LIKELY = 7;

/** Holds when the network really did what it was told. */
export function judgeWeather(counts: Network["counts"], weather: Weather): Measure {
  const { links, messages, delayed, cut, silenced } = counts;
  const { cutEvery = null, silentShare = 0 } = weather;
  const wrong = [
    delayed === 0 && "no message was delayed",
    cutEvery !== null && messages >= cutEvery && cut === 0 && "no link was cut",
    silentShare * links >= LIKELY && silenced === 0 && "no link fell silent",
  ].filter((one) => one !== false);
  return none(wrong, links, "links");
}
