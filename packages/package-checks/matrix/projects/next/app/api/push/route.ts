import { sendBoth } from "../../../send-both";

export const dynamic = "force-dynamic";

export async function GET(): Promise<Response> {
  return new Response(await sendBoth());
}
