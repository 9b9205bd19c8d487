import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { configHelp, loadConfig } from '../src/config.ts';
import { createMetrics } from '../src/metrics.ts';
import { DRAIN_MS } from '../src/server.ts';

/** The files for self-hosting, against what the server really has: they are used where no test runs. */
const ROOT = join(import.meta.dirname, '../../..');
const CHART = join(ROOT, 'deploy/helm/couplet');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const OPTIONS = new Set([...configHelp().matchAll(/^ {2}([A-Z][A-Z0-9_]+)/gm)].map(([, name]) => name));

/** Twice, for sockets and for requests that were taken; the rest is the last writes and the connections to databases. */
const STOP_SECONDS = (2 * DRAIN_MS) / 1_000 + 5;
/** Whatever is asked of somebody who deploys. */
const SAMPLE_SECRET = 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE';
/** What the image sets: the files give it the rest. */
const imageEnvironment = () => Object.fromEntries([...(/^ENV (.+)$/m.exec(read('Dockerfile'))?.[1] ?? '').matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]));

interface Compose {
  'x-node-environment': Record<string, string>;
  services: Record<string, { environment?: Record<string, string>; stop_grace_period?: string; depends_on?: Record<string, unknown>; volumes?: string[]; image?: string }>;
  volumes: Record<string, null>;
}

describe('compose.yaml', () => {
  const compose = parse(read('compose.yaml'), { merge: true }) as Compose;
  const { services } = compose;

  it('gives the nodes only options that the server has', () => {
    for (const name of ['node-1', 'node-2']) {
      const given = Object.keys(services[name]?.environment ?? {});
      expect(given).toContain('NODE_ID');
      expect(given.filter((option) => !OPTIONS.has(option))).toEqual([]);
    }
  });

  it('gives them values that the server takes, and the time to drain', () => {
    const example = new Map([...read('.env.example').matchAll(/^([A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
    const filled = (value: string) => value.replaceAll(/\$\{([A-Z0-9_]+)(:\?[^}]*|:-[^}]*)?\}/g, (_, name: string, rest = '') => example.get(name) || (rest.startsWith(':-') ? '' : SAMPLE_SECRET));
    for (const name of ['node-1', 'node-2']) {
      const { environment = {}, stop_grace_period = '' } = services[name] ?? {};
      const given = Object.fromEntries(Object.entries(environment).map(([option, value]) => [option, filled(value)]));
      const config = loadConfig({ ...imageEnvironment(), ...given });
      expect(config).toMatchObject({ nodeId: name, port: Number(/:(\d+) /.exec(services['nginx']?.environment?.['COUPLET_NODES'] ?? '')?.[1]) });
      expect(Number.parseInt(stop_grace_period, 10)).toBeGreaterThan(STOP_SECONDS);
    }
  });

  it('names only services, volumes and files that are there', () => {
    for (const service of Object.values(services)) {
      for (const other of Object.keys(service.depends_on ?? {})) expect(services).toHaveProperty([other]);
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('./')) expect(existsSync(join(ROOT, source)), source).toBe(true);
        else expect(compose.volumes).toHaveProperty([source]);
      }
    }
    for (const word of ['COUPLET_NODES', 'COUPLET_SOCKETS']) {
      const nodes = [...(services['nginx']?.environment?.[word] ?? '').matchAll(/server ([\w-]+):/g)].map(([, name]) => name);
      expect(nodes, word).toEqual(Object.keys(services).filter((name) => name.startsWith('node-')));
    }
  });

  it('fills in every word of the template of nginx', () => {
    const words = [...read('deploy/nginx/couplet.conf.template').matchAll(/\$\{(\w+)\}/g)].map(([, word]) => word ?? '').filter((word) => word !== '');
    const given = Object.keys(services['nginx']?.environment ?? {}).sort();
    expect([...new Set(words)].sort()).toEqual(given);
  });

  it('asks for nothing that .env.example does not explain, and that holds no secret', () => {
    const example = new Map([...read('.env.example').matchAll(/^([A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
    const asked = new Set([...read('compose.yaml').matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name]) => name));
    expect([...example.keys()].sort()).toEqual([...asked].sort());
    for (const [name, value] of example) if (/SECRET|PASSWORD|API_KEY/.test(name)) expect(value, name).toBe('');
  });

  it('takes no image without a version', () => {
    for (const { image } of Object.values(services)) expect(image).toMatch(/^couplet$|:[\w.-]*\d[\w.-]*$/);
  });
});

describe('the Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  it('copies what is there, and the manifest of every workspace before the packages are installed', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '));
    for (const source of copied) expect(existsSync(join(ROOT, source)), source).toBe(true);
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, unknown> };
    const workspaces = Object.keys(lock.packages).filter((path) => path !== '' && !path.includes('node_modules/'));
    expect(copied).toEqual(expect.arrayContaining(workspaces.map((folder) => `${folder}/package.json`)));
  });

  it('does not run as root, and asks whether the node is ready', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    expect(last).toMatch(/^USER node$/m);
    expect(last).toContain('/readyz');
    for (const [, name] of last.matchAll(/([A-Z_]+)=/g)) expect(['NODE_ENV', ...OPTIONS]).toContain(name);
  });
});

describe('the Helm chart', () => {
  const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as Record<string, unknown> & { config: object; secrets: object };
  const templates = readdirSync(join(CHART, 'templates')).map((name) => ({ name, text: readFileSync(join(CHART, 'templates', name), 'utf8') }));

  it('has values that its own schema takes, and refuses others', () => {
    const schema = z.fromJSONSchema(JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')));
    expect(schema.safeParse(values).error).toBeUndefined();
    expect(schema.safeParse({ ...values, replicas: 0 }).success).toBe(false);
    expect(schema.safeParse({ ...values, replcas: 2 }).success).toBe(false);
  });

  it('sets only options that the server has', () => {
    const given = [...Object.keys(values.config), ...Object.keys(values.secrets)];
    expect(given.filter((name) => !OPTIONS.has(name))).toEqual([]);
  });

  it('sets values that the server takes', () => {
    const set = Object.entries(values.config as Record<string, string>).filter(([, value]) => value !== '');
    const secrets = { ...Object.fromEntries(Object.keys(values.secrets).map((name) => [name, SAMPLE_SECRET])), DATABASE_URL: 'postgresql://db.example.org/couplet', REDIS_URL: 'redis://redis.example.org' };
    const config = loadConfig({ ...imageEnvironment(), NODE_ID: 'couplet-7d9f', PUBLIC_URL: String(values['publicUrl']), ...Object.fromEntries(set), ...secrets, S3_BUCKET: 'media' });
    expect(config.publicUrl).toBe(values['publicUrl']);
  });

  it('asks the port and the pages that the server has, and gives it the time to drain', () => {
    const { port } = loadConfig(imageEnvironment());
    const served = new Set([...readFileSync(join(ROOT, 'apps/server/src/http/create-http-app.ts'), 'utf8').matchAll(/app\.get\('(\/\w+)'/g)].map(([, path]) => path));
    const deployment = templates.find(({ name }) => name === 'deployment.yaml')?.text ?? '';
    expect([...deployment.matchAll(/containerPort: (\d+)|prometheus.io\/port: "(\d+)"/g)].map(([, one, other]) => Number(one ?? other))).toEqual([port, port]);
    const asked = templates.flatMap(({ text }) => [...text.matchAll(/(?:prometheus.io\/| {2})path: (\/\w+)$/gm)].map(([, path]) => path));
    expect(asked.sort()).toEqual(['/healthz', '/metrics', '/metrics', '/readyz', '/readyz']);
    expect(asked.filter((path) => !served.has(path))).toEqual([]);
    expect(Number(values['terminationGracePeriodSeconds'])).toBeGreaterThan(Number(values['preStopSeconds']) + STOP_SECONDS);
  });

  it('asks only for values that are declared, and declares none that nothing asks for', () => {
    const asked = new Set(templates.flatMap(({ text }) => [...text.matchAll(/\.Values\.([\w.]+)/g)].map(([, path = '']) => path)));
    for (const path of asked) expect(values, path).toHaveProperty(path);
    for (const name of Object.keys(values)) expect([...asked].some((path) => path === name || path.startsWith(`${name}.`)), name).toBe(true);
  });

  it('includes only templates that are defined', () => {
    const defined = new Set(templates.flatMap(({ text }) => [...text.matchAll(/define "([\w.]+)"/g)].map(([, name]) => name)));
    for (const { text } of templates) for (const [, name] of text.matchAll(/include "([\w.]+)"/g)) expect(defined).toContain(name);
  });

  it.each(templates.filter(({ name }) => name.endsWith('.yaml')))('$name opens and closes its blocks, and is a Kubernetes object', ({ text }) => {
    expect([...text.matchAll(/\{\{-? *(?:if|with|range) /g)]).toHaveLength([...text.matchAll(/\{\{-? *end *-?\}\}/g)].length);
    const [document, ...more] = parseAllDocuments(withoutTemplates(text));
    expect(more).toEqual([]);
    expect(document?.errors).toEqual([]);
    expect(document?.toJS()).toMatchObject({ apiVersion: expect.any(String) as string, kind: expect.any(String) as string, metadata: { name: expect.any(String) as string } });
  });
});

describe('dashboards and alerts', () => {
  const alerts = parse(read('deploy/prometheus/alerts.yaml')) as { groups: { name: string; rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[] };

  it('ask only for metrics that the server counts', async () => {
    const known = new Set<string | undefined>(['up']);
    for (const [, name, type] of (await createMetrics().exposition()).matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
      known.add(name);
      if (type === 'histogram') for (const end of ['bucket', 'sum', 'count']) known.add(`${name}_${end}`);
    }
    const dashboard = JSON.parse(read('deploy/grafana/couplet.json')) as { panels: { targets?: { expr: string }[] }[] };
    const rules = alerts.groups.flatMap((group) => group.rules);
    const expressions = [...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)), ...rules.map(({ expr }) => expr)];
    const asked = expressions.flatMap((expression) => [...expression.matchAll(/\b(?:couplet_\w+|up)\b/g)].map(([name]) => name));
    expect(asked.length).toBeGreaterThan(30);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
    for (const { alert, annotations } of rules) expect(Object.keys(annotations), alert).toEqual(['summary', 'action']);
  });

  it('need exporters of other servers only in the group that says so', () => {
    const foreign = alerts.groups.filter(({ rules }) => rules.some(({ expr }) => /\b(?:redis|pg)_\w+/.test(expr)));
    expect(foreign.map(({ name }) => name)).toEqual(['couplet-databases']);
    for (const { alert, expr } of foreign.flatMap(({ rules }) => rules)) expect(expr, alert).not.toMatch(/\bcouplet_/);
  });

  it('know the nodes by the job that the chart and the documentation give them', () => {
    const jobs = alerts.groups.flatMap(({ rules }) => rules.flatMap(({ expr }) => [...expr.matchAll(/\bjob=~?"([^"]*)"/g)].map(([, job]) => job)));
    expect(jobs).toEqual(['couplet']);
    const monitor = parseAllDocuments(withoutTemplates(readFileSync(join(CHART, 'templates/podmonitor.yaml'), 'utf8')))[0]?.toJS() as { spec: { jobLabel?: string } };
    const selector = /define "couplet.selector"[^}]*\}\}\n([\s\S]*?)\{\{- end/.exec(readFileSync(join(CHART, 'templates/_helpers.tpl'), 'utf8'))?.[1] ?? '';
    const { name } = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')) as { name: string };
    // What each pod carries, as the template of the deployment says.
    const labels = parse(selector.replaceAll('{{ .Chart.Name }}', name).replaceAll(/\{\{.*?\}\}/g, 'word')) as Record<string, string>;
    expect(labels[monitor.spec.jobLabel ?? '']).toBe(jobs[0]);
    expect(read('docs/self-hosting.md')).toContain(`- job_name: ${jobs[0]}\n`);
  });
});

/** What is left to parse when the template language is taken out: lines of it alone go, values become a word. */
function withoutTemplates(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*\{\{.*\}\}\s*$/.test(line))
    .join('\n')
    .replaceAll(/\{\{.*?\}\}/g, 'word');
}
