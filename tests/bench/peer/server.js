// The ordinary way to do it: the official middleware checks the signature, the session is three calls to Redis, the SDK
// builds the TwiML. Nothing is durable, no input is kept apart from the session, and a repeated webhook is a second input.
'use strict';

const cluster = require('node:cluster');

const { BENCH_PORT, BENCH_REDIS, BENCH_PUBLIC, BENCH_TOKEN, BENCH_PROCESSES } = process.env;

if (cluster.isPrimary) {
  for (let i = 0; i < Number(BENCH_PROCESSES); i += 1) cluster.fork();
  cluster.on('exit', () => process.exit(1));
} else {
  const express = require('express');
  const Redis = require('ioredis');
  const twilio = require('twilio');

  const redis = new Redis(BENCH_REDIS);
  const { host, protocol } = new URL(BENCH_PUBLIC);
  const app = express();
  app.disable('x-powered-by');

  app.post(
    '/voice/step/:call/:n',
    express.urlencoded({ extended: false }),
    twilio.webhook({ validate: true, host, protocol: protocol.replace(':', '') }, BENCH_TOKEN),
    async (req, res) => {
      const { call, n } = req.params;
      const key = `call:${call}`;
      const session = await redis.hgetall(key);
      await redis.hset(key, 'step', n, `digits:${n}`, req.body.Digits ?? '', 'from', req.body.From);
      await redis.expire(key, 3600);

      const response = new twilio.twiml.VoiceResponse();
      const gather = response.gather({
        input: 'dtmf speech',
        numDigits: 1,
        timeout: 4,
        action: `${BENCH_PUBLIC}/voice/step/${call}/${Number(n) + 1}`,
        method: 'POST',
        actionOnEmptyResult: true,
        language: 'en-US',
        speechTimeout: 'auto',
      });
      gather.say(
        { language: 'en-US' },
        session.step
          ? 'For bookings, press 1. Or say in a few words what it is about.'
          : 'In a few words: what is it about?',
      );
      res.type('text/xml').send(response.toString());
    },
  );
  app.get('/health', (req, res) => res.send('ok'));
  app.listen(Number(BENCH_PORT), '127.0.0.1');
}
