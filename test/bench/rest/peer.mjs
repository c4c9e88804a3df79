// What an API is that does less: node peer.mjs KIND DATABASE_URL. It says its port when it serves.
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import Fastify from 'fastify';
import { Pool } from 'pg';
import { DataSource, EntitySchema } from 'typeorm';
import { newCustomer } from './customers.mjs';

const [kind, url] = process.argv.slice(2);
/** As many as profile has. */
const connections = 20;

const insert = {
  name: 'insert',
  text: `INSERT INTO bare_customer (id, account_number, given_name, family_name, email, addresses)
         VALUES ($1, $2, $3, $4, $5, $6)`,
};

/** Fastify and the driver, one INSERT a request: no validation, no token, no event. */
async function insertOnly() {
  const pool = new Pool({ connectionString: url, max: connections });
  await pool.query(`CREATE TABLE IF NOT EXISTS bare_customer (
    id uuid PRIMARY KEY, account_number text NOT NULL UNIQUE, given_name text NOT NULL, family_name text NOT NULL,
    email text, addresses jsonb NOT NULL)`);
  const fastify = Fastify();
  fastify.post('/v1/customers', async ({ body }, reply) => {
    const id = randomUUID();
    const { accountNumber, givenName, familyName, email, addresses } = body;
    const values = [id, accountNumber, givenName, familyName, email, JSON.stringify(addresses)];
    await pool.query({ ...insert, values });
    return reply.code(201).send({ id, ...body });
  });
  return fastify.listen({ port: 0, host: '127.0.0.1' });
}

/** The usual way: Nest, and TypeORM's `save()` of the customer and its outbox row in a transaction. */
async function nestAndSave() {
  const column = (type) => ({ type });
  const id = { type: 'uuid', primary: true };
  const Customer = new EntitySchema({
    name: 'saved_customer',
    columns: {
      id,
      accountNumber: { type: 'text', unique: true },
      givenName: column('text'),
      familyName: column('text'),
      email: column('text'),
      addresses: column('jsonb'),
    },
  });
  const Outbox = new EntitySchema({ name: 'saved_outbox', columns: { id, body: column('jsonb') } });
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: [Customer, Outbox],
    synchronize: true,
    poolSize: connections,
  });
  await dataSource.initialize();
  return nest(Post(), '/v1/customers', (body) =>
    dataSource.transaction(async (manager) => {
      const customer = await manager.save(Customer, { id: randomUUID(), ...body });
      await manager.save(Outbox, { id: randomUUID(), body: { type: 'CustomerAdded', customer } });
      return customer;
    }),
  );
}

/** Nest on Fastify, the same answer each time. */
function nestAndStatic() {
  const customer = { id: randomUUID(), version: 1, ...newCustomer('static') };
  return nest(Get(), '/v1/customers/static', () => customer);
}

/** A module with one route; decorators by hand, so that the file needs no compiler. */
async function nest(method, path, handle) {
  class Customers {
    run(body) {
      return handle(body);
    }
  }
  Body()(Customers.prototype, 'run', 0);
  method(Customers.prototype, 'run', Object.getOwnPropertyDescriptor(Customers.prototype, 'run'));
  Controller(path)(Customers);
  class Peer {}
  Module({ controllers: [Customers] })(Peer);
  const app = await NestFactory.create(Peer, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  return app.getUrl();
}

const kinds = { insert: insertOnly, save: nestAndSave, static: nestAndStatic };
process.send({ port: Number(new URL(await kinds[kind]()).port) });
