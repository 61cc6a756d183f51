// A small company's line, as Twilio's tutorials write it: forward, menu, voicemail, conference, queue with a whisper.
// PORT, TWILIO_AUTH_TOKEN, FORWARD_TO and MODERATOR come from the environment.
import express from "express";
import twilio from "twilio";

const { VoiceResponse } = twilio.twiml;
const { PORT, FORWARD_TO, MODERATOR } = process.env;

const app = express();
app.use(express.urlencoded({ extended: false }));

const answer = (path, write) =>
  app.post(path, twilio.webhook(), (request, response) => {
    const twiml = new VoiceResponse();
    write(twiml, request.body);
    response.type("text/xml");
    response.send(twiml.toString());
  });

answer("/voice", (twiml) => {
  const gather = twiml.gather({ numDigits: 1, action: "/menu" });
  gather.say(
    "For sales, press 1. To leave a message, press 2. For the meeting, press 3. For support, press 4.",
  );
  twiml.redirect("/voice");
});

answer("/menu", (twiml, { Digits, From }) => {
  switch (Digits) {
    case "1": {
      const dial = twiml.dial({ action: "/forwarded", timeout: 20 });
      dial.number({ statusCallback: "/progress", statusCallbackEvent: "answered completed" }, FORWARD_TO);
      break;
    }
    case "2":
      twiml.say("Please leave a message at the beep. Press the star key when finished.");
      twiml.record({
        maxLength: 20,
        finishOnKey: "*",
        action: "/thanks",
        transcribe: true,
        transcribeCallback: "/transcription",
      });
      twiml.say("I did not receive a recording");
      break;
    case "3": {
      const moderates = From === MODERATOR;
      twiml
        .dial()
        .conference(
          { startConferenceOnEnter: moderates, endConferenceOnExit: moderates, waitUrl: "/music" },
          "My conference",
        );
      break;
    }
    case "4":
      twiml.enqueue({ waitUrl: "/wait", action: "/served" }, "support");
      break;
    default:
      twiml.say("Sorry, I don't understand that choice.");
      twiml.redirect("/voice");
  }
});

answer("/forwarded", (twiml, { DialCallStatus }) => {
  if (DialCallStatus !== "completed") twiml.say("Nobody is there just now.");
  twiml.hangup();
});

answer("/thanks", (twiml) => {
  twiml.say("Thank you for your message.");
  twiml.hangup();
});

answer("/music", (twiml) => {
  twiml.say("Please wait for the moderator.");
  twiml.pause({ length: 10 });
});

answer("/wait", (twiml, { QueuePosition }) => {
  twiml.say(`You are number ${QueuePosition} in line.`);
  twiml.pause({ length: 10 });
});

answer("/agent", (twiml) => {
  twiml.dial().queue({ url: "/whisper" }, "support");
  twiml.redirect("/agent");
});

answer("/whisper", (twiml) => twiml.say("You will now be connected to an agent."));

answer("/served", (twiml) => {
  twiml.say("Goodbye.");
  twiml.hangup();
});

app.post(["/progress", "/transcription"], (_request, response) => response.status(204).end());

app.listen(Number(PORT), "127.0.0.1");
