/**
 * The part of ONNX's file format that programs need, as a protobuf schema (onnx.proto, IR version 8).
 */
import protobuf from "protobufjs";

const int = (id: number, rule?: "repeated") => ({ type: "int64", id, ...(rule && { rule }) });
const field = (type: string, id: number, rule?: "repeated") => ({ type, id, ...(rule && { rule }) });

const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: int(1),
        producerName: field("string", 2),
        graph: field("GraphProto", 7),
        opsetImport: field("OperatorSetIdProto", 8, "repeated"),
      },
    },
    OperatorSetIdProto: { fields: { domain: field("string", 1), version: int(2) } },
    GraphProto: {
      fields: {
        node: field("NodeProto", 1, "repeated"),
        name: field("string", 2),
        initializer: field("TensorProto", 5, "repeated"),
        input: field("ValueInfoProto", 11, "repeated"),
        output: field("ValueInfoProto", 12, "repeated"),
      },
    },
    NodeProto: {
      fields: {
        input: field("string", 1, "repeated"),
        output: field("string", 2, "repeated"),
        name: field("string", 3),
        opType: field("string", 4),
        attribute: field("AttributeProto", 5, "repeated"),
        domain: field("string", 7),
      },
    },
    AttributeProto: {
      fields: {
        name: field("string", 1),
        f: field("float", 2),
        i: int(3),
        s: field("bytes", 4),
        g: field("GraphProto", 6),
        floats: field("float", 7, "repeated"),
        ints: int(8, "repeated"),
        type: field("int32", 20),
      },
    },
    TensorProto: {
      fields: {
        dims: int(1, "repeated"),
        dataType: field("int32", 2),
        name: field("string", 8),
        rawData: field("bytes", 9),
        externalData: field("StringStringEntryProto", 13, "repeated"),
        dataLocation: field("int32", 14),
      },
    },
    StringStringEntryProto: { fields: { key: field("string", 1), value: field("string", 2) } },
    ValueInfoProto: { fields: { name: field("string", 1), type: field("TypeProto", 2) } },
    TypeProto: { fields: { tensorType: field("TypeTensor", 1) } },
    TypeTensor: { fields: { elemType: field("int32", 1), shape: field("TensorShapeProto", 2) } },
    TensorShapeProto: { fields: { dim: field("Dimension", 1, "repeated") } },
    Dimension: { fields: { dimValue: int(1), dimParam: field("string", 2) } },
  },
});

const model = root.lookupType("ModelProto");

/** Attribute kinds of `AttributeProto.type`. */
export const attributeKind = { float: 1, int: 2, string: 3, graph: 5, floats: 6, ints: 7 } as const;

/** A value of `TensorProto.dataLocation`: in a file beside the model. */
export const EXTERNAL = 1;

/** The bytes of an ONNX model. */
export const encodeModel = (value: object): Uint8Array => model.encode(model.fromObject(value)).finish();
