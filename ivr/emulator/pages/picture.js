// A picture on its way into a text: as JPEG, of a size that Twilio takes.

import { ask } from "./api.js";

const WIDEST = 1600; // pixels

/** The address at which the app can fetch it. Throws an Error when it is no picture. */
export async function upload(file) {
  const shape = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name} is no picture that this browser can read.`);
  });
  const scale = Math.min(1, WIDEST / Math.max(shape.width, shape.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(shape.width * scale));
  canvas.height = Math.max(1, Math.round(shape.height * scale));
  const paint = canvas.getContext("2d");
  paint.fillStyle = "#fff"; // JPEG has no transparency
  paint.fillRect(0, 0, canvas.width, canvas.height);
  paint.drawImage(shape, 0, 0, canvas.width, canvas.height);
  const jpeg = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  return (await ask("POST", "/pictures", jpeg)).url;
}
