interface Asked {
  status: number;
  body: unknown;
}

interface Question {
  method?: 'GET' | 'POST';
  token?: string;
  body?: unknown;
}

/** Longer than any part of a deployment that still answers takes; what is paused does not answer at all. */
const ANSWER_WITHIN_MS = 8_000;

/** One request, past every client of ours. Null when there was no answer. */
export async function ask(url: string, { method = 'GET', token, body }: Question = {}): Promise<Asked | null> {
  const headers: Record<string, string> = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  try {
    const response = await fetch(url, { method, headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS), ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch {
    return null;
  }
}

/** The same again until it is carried out, or told to stop; null then. */
export async function askUntilDone(url: string, question: Question, signal: AbortSignal): Promise<unknown> {
  while (!signal.aborted) {
    const answer = await ask(url, question);
    if (answer && answer.status < 300) return answer.body ?? {};
    await pause(ASK_AGAIN_MS, signal);
  }
  return null;
}

/** Ends early when it is told to stop. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}

const ASK_AGAIN_MS = 300;
