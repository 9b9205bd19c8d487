/** One environment variable of the server. */
export interface Option<T> {
  name: string;
  type: string;
  /** As `--help` shows it. */
  fallback: string;
  sentence: string;
  /** @param given the variable's text, or undefined when unset or empty */
  parse(given: string | undefined, name: string): T;
}

export function option<T>(declared: Option<T>): Option<T> {
  return declared;
}
