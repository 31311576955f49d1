/** The options that say what a Socket.IO server calls its events; those of the hub where nobody says otherwise. */
import type { Options, Values } from "./option.ts";
import type { Speech } from "./socket-io-consumer.ts";
import { text } from "./text-options.ts";

const name = (usual: string, help: string) =>
  text({
    default: usual,
    placeholder: "EVENT",
    help,
    accepts: (event) => (/^[\w:./-]{1,64}$/.test(event) ? null : "the name of an event"),
  });

export const speechOptions = {
  sendEvent: name("publish", "event by which a producer sends {room, text}; without a room, to all"),
  receiveEvent: name("events", "event by which consumers get something that contains the text"),
  joinEvent: name("join", "event by which a consumer joins a room, which is acknowledged"),
  leaveEvent: name("leave", "event by which it leaves the room, likewise"),
} as const satisfies Options;

export function readSpeech(values: Values<typeof speechOptions>): Speech {
  const { sendEvent: send, receiveEvent: receive, joinEvent: join, leaveEvent: leave } = values;
  return { send, receive, join, leave };
}
