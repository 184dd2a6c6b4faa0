#pragma once

#include "exporters/onnx_writer.h"

namespace halcyon {

/// Adds what computes one node of the lowered graph (prologues are not known here) and defines its value.
void write_operation(OnnxWriter& writer, NodeId id);

}  // namespace halcyon
