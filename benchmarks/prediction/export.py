"""Writes ResNet-18 with random weights in evaluation mode, from views to probabilities, as ONNX: export.py SIZE BATCH FILE.

Batch normalization is folded into the convolutions, as PyTorch's exporter does it. The batch is fixed, since OpenCV wants it so.
"""
import sys

import torch
from torchvision.models import resnet18

size, batch, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
torch.manual_seed(0)
network = torch.nn.Sequential(resnet18(weights=None, num_classes=7), torch.nn.Softmax(dim=1)).eval()
with torch.no_grad():  # equal tensors would become one with several names, which OpenCV cannot read
    for tensor in [*network.parameters(), *network.buffers()]:
        if tensor.is_floating_point():
            tensor.add_(0.01 * torch.rand_like(tensor))
torch.onnx.export(network, torch.rand(batch, 3, size, size), path, input_names=["views"], output_names=["probabilities"], opset_version=13)
