// Asking again until something is settled: quickly at first, then slower, and not for ever.

export const FIRST_DELAY_MS = 300;
export const LONGEST_DELAY_MS = 1000;
export const LIMIT_MS = 60_000;

const BACK_OFF = 1.25;

/**
 * Call `ask` until `onAnswer(answer)` returns true (settled), the signal aborts, or the limit has passed.
 * A failed `ask` counts as no answer. Returns "settled", "left" or "tired".
 */
export async function poll({ ask, onAnswer, signal, sleep = sleepMs, now = () => performance.now(),
                             limitMs = LIMIT_MS }) {
  const end = now() + limitMs;
  for (let delay = FIRST_DELAY_MS; now() < end; delay = Math.min(delay * BACK_OFF, LONGEST_DELAY_MS)) {
    await sleep(delay);
    if (signal?.aborted) return "left";
    let answer;
    try {
      answer = await ask();
    } catch {
      continue;
    }
    if (signal?.aborted) return "left";
    if (onAnswer(answer)) return "settled";
  }
  return "tired";
}

const sleepMs = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
