// Twilio's own Node SDK against the emulator: node drive.mjs EMULATOR ACCOUNT_SID AUTH_TOKEN LINE PERSON COLLEAGUE
// Prints one JSON object: what the SDK saw. It is unmodified; the one thing said to it is where the API is.
import express from "express";
import twilio from "twilio";

const [emulator, accountSid, authToken, line, person, colleague] = process.argv.slice(2);

class Local extends twilio.RequestClient {
  request(options) {
    return super.request({ ...options, uri: options.uri.replace("https://api.twilio.com", emulator) });
  }
}

const client = twilio(accountSid, authToken, { httpClient: new Local() });
const { VoiceResponse } = twilio.twiml;
const webhooks = []; // what the app was asked, once the SDK had approved its signature

const app = express();
app.use(express.urlencoded({ extended: false }));
app.use(twilio.webhook(authToken));
const page = (path, write) =>
  app.post(path, (request, response) => {
    webhooks.push({ path, ...request.body });
    const twiml = new VoiceResponse();
    write?.(twiml);
    response.type("text/xml").send(twiml.toString());
  });
page("/out", (twiml) => twiml.enqueue({ waitUrl: "/wait" }, "support"));
page("/wait", (twiml) => twiml.pause({ length: 60 }));
page("/room", (twiml) => twiml.dial().conference({ endConferenceOnExit: true }, "Room"));
page("/progress");
page("/taped");
page("/text");

async function control(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(`${emulator}/emulator${path}`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}
const pass = (seconds) => control("POST", "/clock", { by: seconds });

async function refused(work) {
  try {
    await work;
  } catch (problem) {
    return { status: problem.status, code: problem.code, moreInfo: problem.moreInfo };
  }
  return null;
}

async function numbers() {
  const [own] = await client.incomingPhoneNumbers.list({ phoneNumber: line });
  const changed = await client.incomingPhoneNumbers(own.sid).update({ friendlyName: "The line" });
  const bought = await client.incomingPhoneNumbers.create({ areaCode: "305" });
  const local = await client.incomingPhoneNumbers.local.list();
  return {
    friendlyName: changed.friendlyName,
    bought: bought.phoneNumber,
    local: local.map((one) => one.phoneNumber),
    removed: await client.incomingPhoneNumbers(bought.sid).remove(),
    left: (await client.incomingPhoneNumbers.list()).length,
  };
}

async function call(url) {
  const made = await client.calls.create({
    to: person,
    from: line,
    url: `${url}/out`,
    statusCallback: `${url}/progress`,
    statusCallbackEvent: ["initiated", "ringing", "answered", "completed"],
  });
  await pass(3);
  const fetched = await client.calls(made.sid).fetch();
  return { sid: made.sid, first: made.status, then: fetched.status, rang: (fetched.startTime - fetched.dateCreated) / 1000 };
}

async function queue(sid, url) {
  const [support] = await client.queues.list();
  const changed = await client.queues(support.sid).update({ maxSize: 7 });
  const members = await client.queues(support.sid).members.list();
  const front = await client.queues(support.sid).members("Front").fetch();
  const other = await client.queues.create({ friendlyName: "Other" });
  const seen = {
    name: support.friendlyName,
    size: (await client.queues(support.sid).fetch()).currentSize,
    maxSize: changed.maxSize,
    members: members.map((one) => one.callSid),
    position: front.position,
    again: await refused(client.queues.create({ friendlyName: "support" })),
    removed: await client.queues(other.sid).remove(),
  };
  await client.queues(support.sid).members(sid).update({ url: `${url}/room` });
  await pass(1);
  return seen;
}

async function conference(sid) {
  const [room] = await client.conferences.list({ status: ["init"], friendlyName: "Room" });
  const participants = client.conferences(room.sid).participants;
  const invited = await participants.create({ to: colleague, from: line, label: "colleague" });
  await pass(3);
  const held = await participants(sid).update({ hold: true, muted: true });
  const seen = {
    started: (await client.conferences(room.sid).fetch()).status,
    invited: invited.status,
    labels: (await participants.list()).map((one) => one.label ?? null),
    held: [held.hold, held.muted],
    onHold: (await participants.list({ hold: true })).map((one) => one.callSid),
    byLabel: (await participants("colleague").fetch()).callSid === invited.callSid,
    removed: await participants("colleague").remove(),
  };
  await pass(0);
  return { ...seen, left: (await participants.list()).length, sid: room.sid };
}

async function recording(sid, url) {
  const recordings = client.calls(sid).recordings;
  const options = { recordingStatusCallback: `${url}/taped`, recordingStatusCallbackEvent: ["in-progress", "completed"] };
  const made = await recordings.create(options);
  await pass(10);
  const paused = await recordings("Twilio.CURRENT").update({ status: "paused", pauseBehavior: "skip" });
  await pass(5);
  const resumed = await recordings("Twilio.CURRENT").update({ status: "in-progress" });
  await pass(10);
  const stopped = await recordings(made.sid).update({ status: "stopped" });
  const processing = await client.recordings(made.sid).fetch();
  await pass(2);
  const whole = await client.recordings(made.sid).fetch();
  return {
    source: made.source,
    statuses: [made, paused, resumed, stopped, processing, whole].map((one) => one.status),
    duration: whole.duration,
    listed: (await client.recordings.list({ callSid: sid })).map((one) => one.sid === made.sid),
    nothingRuns: await refused(recordings("Twilio.CURRENT").update({ status: "paused" })),
    removed: await client.recordings(made.sid).remove(),
    left: (await recordings.list()).length,
  };
}

async function message(url) {
  const made = await client.messages.create({ to: person, from: line, body: "Hello", statusCallback: `${url}/text` });
  await pass(3);
  const fetched = await client.messages(made.sid).fetch();
  const emptied = await client.messages(made.sid).update({ body: "" });
  return {
    statuses: [made.status, fetched.status],
    listed: (await client.messages.list({ to: person })).map((one) => one.sid === made.sid),
    emptied: emptied.body,
    removed: await client.messages(made.sid).remove(),
    left: (await client.messages.list()).length,
    nobody: await refused(client.messages.create({ from: line, body: "Hello" , to: "" })),
  };
}

async function end(sid, room) {
  const ended = await client.conferences(room).update({ status: "completed" });
  await pass(1);
  const call = await client.calls(sid).fetch();
  for (let made = 0; made < 4; made += 1) await client.calls.create({ to: colleague, from: line, twiml: "<Response/>" });
  await pass(3);
  const pages = await client.calls.list({ pageSize: 2 });
  return {
    conference: ended.status,
    call: call.status,
    calls: new Set(pages.map((one) => one.sid)).size,
    limited: (await client.calls.list({ limit: 3 })).length,
    removed: await client.calls(sid).remove(),
    gone: await refused(client.calls(sid).fetch()),
  };
}

const server = app.listen(0, "127.0.0.1", async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  try {
    await control("PUT", `/phones/${person}`, { answers: true, after: 1 });
    await control("PUT", `/phones/${colleague}`, { answers: true, after: 1 });
    const seen = { account: (await client.api.v2010.accounts(accountSid).fetch()).status, numbers: await numbers() };
    seen.call = await call(url);
    const { sid } = seen.call;
    seen.queue = await queue(sid, url);
    seen.recording = await recording(sid, url);
    seen.conference = await conference(sid);
    seen.message = await message(url);
    seen.end = await end(sid, seen.conference.sid);
    seen.webhooks = webhooks.map((one) => [one.path, one.CallStatus ?? one.MessageStatus ?? null]);
    process.stdout.write(JSON.stringify(seen));
  } catch (problem) {
    console.error(problem);
    process.exitCode = 1;
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
