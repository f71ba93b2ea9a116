/** Watch a socket that only ever says "fetch again". */

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;
/** A socket may lose a message in silence: look anyway after this long. */
const LOOK_ANYWAY = 30_000;

/** Milliseconds to wait before attempt `n` (0, 1, ...), with jitter so that a crowd does not come back at once. */
export function backOff(n: number, random = Math.random()): number {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** n) * (0.5 + random / 2);
}

/**
 * Call `fetchAgain` on every message, and once in a while without one; `onState` hears whether the line is up.
 * Returns a function that stops it.
 */
export function watch(path: string, fetchAgain: () => void, onState: (live: boolean) => void = () => {}): () => void {
  let socket: WebSocket | undefined;
  let failures = 0;
  let stopped = false;
  let again: ReturnType<typeof setTimeout>;
  const look = setInterval(() => document.visibilityState === "visible" && fetchAgain(), LOOK_ANYWAY);

  function open(): void {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    socket.onopen = () => {
      failures = 0;
      onState(true);
    };
    socket.onmessage = () => fetchAgain();
    socket.onclose = () => {
      if (stopped) return;
      onState(false);
      again = setTimeout(open, backOff(failures++));
    };
  }

  open();
  return () => {
    stopped = true;
    clearInterval(look);
    clearTimeout(again);
    socket?.close();
  };
}
