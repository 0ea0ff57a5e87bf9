import { openUnseen } from "./open-unseen.ts";

/**
 * Whether an ONNX file has operators that multiply integers, whatever it is called: with them results depend a little on
 * the CPU, and without them small weights save memory alone.
 * @throws Error where it cannot be read
 */
export async function multipliesIntegers(path: string): Promise<boolean> {
  const file = await openUnseen(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
    const head = buffer.subarray(0, bytesRead);
    return marks.some((mark) => head.includes(mark));
  } finally {
    await file.close();
  }
}

/** The operators of a graph come before its weights, and those of a large model take a megabyte. */
const mostBytes = 4 * 1024 * 1024;

/** As `NodeProto.op_type` (field 4) is written: its tag, its length, its text. */
const marks: readonly Buffer[] = [
  "MatMulInteger",
  "MatMulIntegerToFloat",
  "DynamicQuantizeMatMul",
  "DynamicQuantizeLinear",
  "QLinearMatMul",
  "QLinearConv",
  "ConvInteger",
  "QAttention",
  "QGemm",
  // It may turn its other factor into integers too.
  "MatMulNBits",
].map((operator) => Buffer.concat([Buffer.from([0x22, operator.length]), Buffer.from(operator)]));
