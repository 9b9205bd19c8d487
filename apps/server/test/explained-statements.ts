import pg from 'pg';

/** A node of a plan, as far as anybody asks. The last three only with auto_explain.log_analyze. */
export interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Total Time'?: number;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: Plan[];
}

export interface Explained {
  'Query Text': string;
  Plan: Plan;
}

/** What makes PostgreSQL tell every new connection the plan of each statement it runs. */
export const EXPLAIN_EVERYTHING = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_format': 'json',
  'auto_explain.log_level': 'notice',
} as const;

/** Takes the plans that are told to connections of this process opened from here on; the answered function ends it. */
export function listenForPlans(take: (explained: Explained) => void): () => void {
  // Seen as one function instead of the library's overloads.
  const prototype = pg.Client.prototype as unknown as { connect: (...all: unknown[]) => unknown };
  const { connect } = prototype;
  prototype.connect = function (this: unknown, ...all) {
    (this as pg.Client).on('notice', ({ message }) => {
      const json = /plan:\n(\{[\s\S]*\})$/.exec(message ?? '')?.[1];
      if (json !== undefined) take(JSON.parse(json) as Explained);
    });
    return connect.apply(this, all);
  };
  return () => {
    prototype.connect = connect;
  };
}

/** The plan and everything below it. */
export function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
