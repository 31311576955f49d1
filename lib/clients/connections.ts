/** A batch of WebSocket connections to one server: every handshake checked, every ending counted. */
import { type ClientSocket, close, dial, isLimit, type Owner } from "./dial.ts";
import { createDue, type Due } from "./due.ts";
import { type Endpoint, reach } from "./endpoint.ts";
import { encodeClose, encodeFrame, Opcode, readClose, readFrames, type Unread } from "./frames.ts";
import { createHearing, type Hearing } from "./hearing.ts";
import { ABNORMAL, isOpen, Outcomes, Stage } from "./outcomes.ts";
import { type ConnectSettings, type Ending, type Interruption, isInterruption } from "./settings.ts";
import { hearAgain } from "./silence.ts";
import { createWire, type Wire } from "./wire.ts";

export class Connections implements Owner {
  readonly outcomes: Outcomes;
  /** By index; null where it is over. */
  readonly #sockets: (ClientSocket | null)[];
  readonly #settings: ConnectSettings;
  readonly #purpose: Ending | Interruption | null;
  readonly #endpoint: Endpoint;
  readonly #wire: Wire;
  readonly #due: Due<ClientSocket>;
  /** Of the few that are in the middle of something. */
  readonly #unread = new Map<ClientSocket, Unread>();
  readonly hearing: Hearing;
  readonly onPayload: Hearing["onPayload"];
  #started = 0;
  /** On the way to being held, or to their end. */
  #busy = 0;
  #stopped = false;
  readonly #waiting: (() => void)[] = [];

  /** With a purpose, each connection is ended so as soon as it is open; without, it is held. */
  constructor(settings: ConnectSettings, purpose: Ending | Interruption | null) {
    this.#settings = settings;
    this.#purpose = purpose;
    this.#endpoint = reach(settings.url, settings.through);
    this.#wire = createWire(this.#endpoint, settings);
    this.#sockets = new Array<null>(purpose === null ? settings.count : 0).fill(null);
    this.outcomes = new Outcomes(settings.count);
    this.#due = createDue(settings.timeoutMs ?? 10_000, (socket) => this.#runOut(socket));
    this.hearing = createHearing(settings.listener, this.#wire.ping);
    this.onPayload = this.hearing.onPayload;
  }

  /** Resolves when each connection is held or over; the signal makes that at once. */
  async run(): Promise<void> {
    if (!this.#settings.signal?.aborted) this.#fill();
    await this.#settled();
  }

  open(index?: number): ClientSocket[] {
    return this.#sockets.slice(index ?? 0, (index ?? Infinity) + 1).filter(isOpen);
  }

  /** Ends so many of those that are open, first opened first; resolves when the server has done its part, or had its time. */
  async end(ending: Ending, most: number): Promise<void> {
    for (const socket of this.open().slice(0, most)) {
      this.#busy++;
      this.#end(socket, ending);
    }
    await this.#settled();
  }

  /** Lets the silent ones hear what the server did meanwhile, which is counted as closed by it; then drops all that is left. */
  async letGo(): Promise<void> {
    await hearAgain(this.#sockets);
    await this.end("destroy", Number.POSITIVE_INFINITY);
  }

  async #settled(): Promise<void> {
    const { signal } = this.#settings;
    const onAbort = () => {
      this.#stopped = true;
      for (const socket of this.#due.items()) this.#drop(socket, "aborted");
    };
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort);
    if (this.#busy > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    signal?.removeEventListener("abort", onAbort);
  }

  #settle(): void {
    this.#busy--;
    this.#fill();
    if (this.#busy > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #fill(): void {
    const { count, concurrency = 64, tls = {}, hosts = [], through } = this.#settings;
    while (!this.#stopped && this.#busy < concurrency && this.#started < count) {
      const index = this.#started++;
      const host = (!through && hosts[index % hosts.length]) || this.#endpoint.host;
      const socket = dial({ endpoint: this.#endpoint, host, tls, owner: this, index });
      this.#busy++;
      this.outcomes.start(index);
      this.#due.add(socket);
    }
  }

  onConnected(socket: ClientSocket): void {
    const { request, half } = this.#wire;
    socket.stage = Stage.asked;
    socket.write(this.#purpose === "mid-request" ? half : request);
    if (!isInterruption(this.#purpose)) return;
    this.outcomes.interrupted++;
    socket.stage = Stage.closing;
    socket.destroySoon();
  }

  onReceived(socket: ClientSocket, chunk: Buffer): void {
    if (socket.stage === Stage.asked) this.#readAnswer(socket, chunk);
    else if (socket.stage !== Stage.silent && socket.stage < Stage.closing) this.#readFrames(socket, chunk);
  }

  #readAnswer(socket: ClientSocket, chunk: Buffer): void {
    const before = this.#unread.get(socket)?.bytes;
    const bytes = before ? Buffer.concat([before, chunk]) : chunk;
    const answer = this.#wire.readAnswer(bytes);
    if (answer.kind === "incomplete") {
      this.#unread.set(socket, { bytes: Buffer.from(bytes), skipBytes: 0 });
    } else if (answer.kind === "upgraded") {
      this.#unread.delete(socket);
      this.#verify(socket, bytes.subarray(answer.headBytes));
    } else if (answer.kind === "refused") {
      socket.stage = Stage.confirming;
      this.#lose(socket, answer.status);
      socket.destroy();
    } else {
      this.#drop(socket, `invalid answer: ${answer.why}`);
    }
  }

  /** The upgrade is verified; frames may have come right behind it. */
  #verify(socket: ClientSocket, early: Buffer): void {
    this.outcomes.verify(socket.index);
    socket.stage = Stage.confirming;
    if (early.length > 0) this.#readFrames(socket, early);
    if (socket.stage !== Stage.confirming) return;
    if (this.#settings.confirm) socket.write(this.#wire.ping);
    else this.#admit(socket);
  }

  #admit(socket: ClientSocket): void {
    this.outcomes.opened++;
    this.#due.delete(socket);
    socket.stage = Stage.open;
    const purpose = this.#purpose;
    if (purpose === null) {
      this.#sockets[socket.index] = socket;
      this.#settle();
    } else if (!isInterruption(purpose)) this.#end(socket, purpose);
  }

  #end(socket: ClientSocket, ending: Ending): void {
    if (ending === "destroy" || ending === "reset") {
      socket.stage = Stage.ending;
      this.#over(socket, ending);
      close(socket, ending, this.#endpoint);
      return;
    }
    socket.stage = ending === "polite" ? Stage.ending : Stage.provoking;
    socket.write(ending === "polite" ? this.#wire.close : this.#wire.boom);
    this.#awaitEnd(socket);
  }

  /** The server closes first (RFC 6455, 7.1.1): then TIME_WAIT is its own. */
  #awaitEnd(socket: ClientSocket): void {
    this.#due.add(socket);
    // what Node does by itself after FIN costs one system call more
    socket.on("end", socket.destroy);
  }

  #readFrames(socket: ClientSocket, chunk: Buffer): void {
    try {
      const left = readFrames<ClientSocket>(chunk, this.#unread.get(socket), socket, this);
      if (left && socket.stage < Stage.closing) this.#unread.set(socket, left);
      else this.#unread.delete(socket);
    } catch (error) {
      this.#drop(socket, `invalid frame: ${error instanceof Error ? error.message : error}`);
    }
  }

  onMessage(): void {
    this.outcomes.messages++;
  }

  onControl(socket: ClientSocket, opcode: number, payload: Buffer): void {
    if (opcode === Opcode.close) this.#onClose(socket, payload);
    else if (opcode === Opcode.pong && socket.stage === Stage.confirming) this.#admit(socket);
    else if (opcode === Opcode.pong) this.hearing.onPong(socket);
    else if (opcode === Opcode.ping && this.hearing.answersPing(socket) && socket.stage < Stage.ending)
      socket.write(encodeFrame(Opcode.pong, payload));
  }

  #onClose(socket: ClientSocket, payload: Buffer): void {
    if (socket.stage >= Stage.closing) return;
    const { code, reason } = readClose(payload);
    this.outcomes.note(code, reason);
    this.outcomes.count(socket.stage, code);
    if (socket.stage === Stage.open) this.#loseHeld(socket, code);
    if (socket.stage !== Stage.ending) {
      socket.write(encodeClose(code));
      this.#awaitEnd(socket);
    }
    socket.stage = Stage.closing;
  }

  onFailed(socket: ClientSocket, code: string): void {
    if (socket.stage !== Stage.connecting || !isLimit(code)) this.#lose(socket, code);
    else {
      this.outcomes.refusedBy = code;
      this.#stopped = true;
      this.#over(socket, null);
    }
  }

  onClosed(socket: ClientSocket): void {
    this.#lose(socket, socket.stage < Stage.confirming ? "closed before an answer" : ABNORMAL);
  }

  #lose(socket: ClientSocket, kind: string | number): void {
    if (socket.stage === Stage.open || socket.stage === Stage.silent) this.#loseHeld(socket, kind);
    this.#over(socket, kind);
  }

  #loseHeld(socket: ClientSocket, kind: string | number): void {
    this.#busy++;
    this.hearing.onClosed(socket, kind);
  }

  /** For a reason of ours. */
  #drop(socket: ClientSocket, kind: string): void {
    if (socket.stage === Stage.confirming) socket.stage = Stage.asked;
    this.#lose(socket, kind);
    socket.destroy();
  }

  #runOut(socket: ClientSocket): void {
    if (socket.stage < Stage.confirming) this.#drop(socket, "timeout");
    else if (socket.stage === Stage.confirming) this.#admit(socket);
    else {
      this.outcomes.late++;
      this.#over(socket, null);
      socket.destroy();
    }
  }

  /** Counts it where there is something to count. */
  #over(socket: ClientSocket, kind: string | number | null): void {
    if (socket.stage === Stage.over) return;
    if (kind !== null) this.outcomes.count(socket.stage, kind);
    socket.stage = Stage.over;
    this.#due.delete(socket);
    this.#unread.delete(socket);
    this.hearing.onGone(socket);
    if (this.#purpose === null) this.#sockets[socket.index] = null;
    this.#settle();
  }
}
