import { StartupError } from '../startup-error.ts';

/** A wrong value of an option, said in one sentence that names it. */
export class ConfigError extends StartupError {
  constructor(name: string, complaint: string) {
    super(`${name} ${complaint}.`);
  }
}
