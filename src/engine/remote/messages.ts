/**
 * The part of Tinker's protobuf messages that training on text needs, under the service's own names.
 *
 * Blobs of bytes are packed little-endian arrays; `offsets` counts bytes of `data`, one more than there are datums.
 */
import protobuf from "protobufjs";

const { root } = protobuf.parse(
  `
  syntax = "proto3";
  enum StopReason { STOP = 0; LENGTH = 1; }
  enum DType { UNSPECIFIED = 0; FLOAT32 = 1; INT64 = 2; INT32 = 3; BFLOAT16 = 4; }
  message Tensor { bytes dense = 1; DType dtype = 3; repeated int64 shape = 4; }
  message EncodedTextChunk { bytes tokens = 1; }
  message Chunk { EncodedTextChunk encoded_text = 1; }
  message Datum { repeated Chunk model_input = 1; map<string, Tensor> loss_fn_inputs = 2; }
  message ForwardBackwardRequest {
    string model_id = 1; int32 seq_id = 2; repeated Datum data = 3; string loss_fn = 4; bool forward_only = 6;
  }
  message BatchedTensor { bytes data = 1; bytes offsets = 2; DType dtype = 3; repeated int64 trailing_shape = 4; }
  message ArrayRecord { string type_tag = 1; map<string, BatchedTensor> fields = 2; int64 num_datums = 3; }
  message ForwardBackwardOutput { repeated ArrayRecord loss_fn_outputs = 2; }
  message SampledSequence { StopReason stop_reason = 1; bytes tokens = 2; optional bytes logprobs = 3; }
  message SampleResponse { repeated SampledSequence sequences = 1; }
  `,
  { keepCase: true },
);

const message = (name: string): protobuf.Type => root.lookupType(name);
export const ForwardBackwardRequest = message("ForwardBackwardRequest");
export const ForwardBackwardOutput = message("ForwardBackwardOutput");
export const SampleResponse = message("SampleResponse");

export const dtypes = { float32: 1, int64: 2, int32: 3, bfloat16: 4 } as const;
