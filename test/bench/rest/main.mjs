// The profile API beside those that do less; the targets are those of the project's performance paper.
import { randomUUID } from 'node:crypto';
import { readArguments, refuse, whole } from '../arguments.mjs';
import { beside, ratios } from '../engine/beside.mjs';
import { judge, median, perSecond, printHeading, printTable, rate, spread } from '../report.mjs';
import { newCustomer } from './customers.mjs';
import { encoded, send } from './load.mjs';
import { Stage } from './stage.mjs';

const path = '/v1/customers';
/** Requests of a run, by connections. */
const creates = { 1: 2_000, 16: 8_000, 64: 8_000 };
const mustOf = { 1: 0.8, 16: 0.7, 64: 0.7 };
const reads = { connections: 16, requests: 20_000 };
const sections = { create: createRows, read: readRows };
const QUICK = 10;

/** Reads the command line; answers what runs the rows. */
export function prepare(/** @type {string[]} */ args) {
  const { values } = readArguments(
    {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
    args,
  );
  const names = values.only?.split(',') ?? Object.keys(sections);
  for (const name of names) {
    if (!(name in sections)) refuse(`--only knows ${Object.keys(sections).join(', ')}, not '${name}'`);
  }
  const rounds = values.rounds === undefined ? (values.quick ? 1 : 5) : whole(values, 'rounds');
  const scale = values.quick ? QUICK : 1;
  return async () => {
    printHeading(`The profile API beside APIs that do less, ${rounds} rounds, medians`);
    const stage = await Stage.open();
    const rows = [];
    for (const name of names) rows.push(...(await sections[name](stage, { rounds, scale })));
    await stage.close();
    printTable(rows);
    console.log(`\nnpm run bench -- rest ${args.join(' ')}`.trimEnd());
  };
}

async function createRows(stage, { rounds, scale }) {
  const bare = await stage.peer('insert');
  const save = await stage.peer('save');
  const rows = [];
  for (const [connections, count] of Object.entries(creates)) {
    const run = (port) => {
      const headers = { authorization: `Bearer ${stage.token}` };
      const requests = Array.from({ length: count / scale }, () =>
        encoded({ method: 'POST', path, headers, body: newCustomer(`B-${randomUUID()}`) }),
      );
      return send({ port, connections: Number(connections), requests, status: 201 });
    };
    const profile = async () => {
      const result = await run(stage.port);
      await stage.drained();
      return result;
    };
    const sides = await beside(rounds, { profile, bare: () => run(bare), save: () => run(save) });
    rows.push(...rowsOf(`create, ${connections} at a time`, sides, mustOf[connections], connections > 1));
  }
  return rows;
}

function rowsOf(what, { profile, bare, save }, must, hasAim) {
  const toSave = ratios(profile.map(perSecond), save.map(perSecond));
  const [own, theirs] = [profile, bare].map((side) => side.map(({ p99 }) => p99));
  const p99s = ratios(own, theirs);
  return [
    {
      ...ratioRow(what, { own: profile, other: bare, must, ...(hasAim && { reach: 1 }) }),
      target: `≥ ${must} × Fastify + INSERT${hasAim ? ', aim 1.0 ×' : ''}`,
    },
    {
      what: '  its p99',
      target: 'no worse',
      measured: `${median(own).toFixed(1)} ms, ${median(p99s).toFixed(2)} × (${spread(p99s)})`,
      beside: `${median(theirs).toFixed(1)} ms`,
      verdict: judge(median(p99s), { must: 1, atMost: true }),
    },
    {
      what: '  as a multiple of save()',
      target: '≥ 2.2 × Nest + save() + outbox',
      measured: `${median(toSave).toFixed(2)} × (${spread(toSave)})`,
      beside: rate(median(save.map(perSecond))),
      verdict: judge(median(toSave), { must: 2.2 }),
    },
  ];
}

async function readRows(stage, { rounds, scale }) {
  const peer = await stage.peer('static');
  const headers = { authorization: `Bearer ${stage.token}` };
  const created = await fetch(`http://127.0.0.1:${stage.port}${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(newCustomer(`B-${randomUUID()}`)),
  });
  const run = (port, id) => {
    const request = encoded({ method: 'GET', path: `${path}/${id}`, headers });
    const requests = Array.from({ length: reads.requests / scale }, () => request);
    return send({ port, connections: reads.connections, requests, status: 200 });
  };
  const { id } = await created.json();
  const { own, other } = await beside(rounds, {
    own: () => run(stage.port, id),
    other: () => run(peer, 'static'),
  });
  const limits = { must: 0.6, reach: 0.75 };
  return [
    {
      ...ratioRow(`read by id, ${reads.connections} at a time`, { own, other, ...limits }),
      target: '≥ 0.6 × Nest, static, aim 0.75 ×',
    },
  ];
}

function ratioRow(what, { own, other, ...limits }) {
  const all = ratios(own.map(perSecond), other.map(perSecond));
  return {
    what,
    measured: `${rate(median(own.map(perSecond)))}, ${median(all).toFixed(2)} × (${spread(all)})`,
    beside: rate(median(other.map(perSecond))),
    verdict: judge(median(all), limits),
  };
}
