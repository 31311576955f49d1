/** What the demo's containers do, for the shell of their image. */

/** Until it is told to end. */
export const WAITS = "trap 'exit 0' TERM; while :; do sleep 0.2; done";

/** Ends its child when it is told to, as its first process: who sleeps there is deaf. */
export const serve = (port: number) =>
  `httpd -f -p 127.0.0.1:${port} -h /www & trap 'kill $!; exit 0' TERM; wait $!; exit 1`;

export const asks = (port: number) => `wget -q -O /dev/null http://127.0.0.1:${port}/`;

/** Ends as soon as who is asked there, once there, is gone. */
export const diesWith = (port: number) =>
  `until ${asks(port)}; do sleep 0.1; done; while ${asks(port)}; do sleep 0.1; done; exit 1`;
