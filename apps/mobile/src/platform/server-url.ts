/** Phones ask for the address; until then, the server on the machine that runs the simulator. */
export const CAN_CHOOSE_SERVER = true;

export function defaultServerUrl(): string {
  return 'http://localhost:4000';
}
