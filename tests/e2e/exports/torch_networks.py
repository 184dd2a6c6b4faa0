"""Networks as torchvision's users write them, small, with random weights; PyTorch's own exporter writes each as ONNX.

    torch_networks.py FOLDER

leaves NAME.onnx, NAME_in.npy and NAME_out.npy there, and says the names.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def conv_bn(inputs, outputs, size, stride=1, groups=1, act=nn.ReLU):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs), act()
    )


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out += identity
        return self.relu(out)


class Bottleneck(nn.Module):
    def __init__(self, inputs, planes, stride=1, groups=1):
        super().__init__()
        self.body = nn.Sequential(
            conv_bn(inputs, planes, 1),
            conv_bn(planes, planes, 3, stride, groups),
            nn.Conv2d(planes, 4 * planes, 1, bias=False),
            nn.BatchNorm2d(4 * planes),
        )
        self.downsample = nn.Identity()
        if stride != 1 or inputs != 4 * planes:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, 4 * planes, 1, stride, bias=False), nn.BatchNorm2d(4 * planes)
            )

    def forward(self, x):
        return F.relu(self.body(x) + self.downsample(x))


class ResNet(nn.Module):
    def __init__(self, *layers, width):
        super().__init__()
        self.stem = nn.Sequential(conv_bn(3, 16, 7, 2), nn.MaxPool2d(3, 2, 1))
        self.layers = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(width, 10)

    def forward(self, x):
        return self.fc(torch.flatten(self.avgpool(self.layers(self.stem(x))), 1))


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expand):
        super().__init__()
        hidden = inputs * expand
        self.use_res_connect = stride == 1 and inputs == outputs
        layers = [] if expand == 1 else [conv_bn(inputs, hidden, 1, act=nn.ReLU6)]
        layers += [conv_bn(hidden, hidden, 3, stride, hidden, act=nn.ReLU6)]
        layers += [nn.Conv2d(hidden, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            conv_bn(3, 16, 3, 2, act=nn.ReLU6),
            InvertedResidual(16, 8, 1, 1),
            InvertedResidual(8, 12, 2, 6),
            InvertedResidual(12, 12, 1, 6),
            InvertedResidual(12, 16, 2, 6),
            InvertedResidual(16, 16, 1, 6),
            conv_bn(16, 64, 1, act=nn.ReLU6),
        )
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(64, 10))

    def forward(self, x):
        return self.classifier(F.adaptive_avg_pool2d(self.features(x), (1, 1)).reshape(x.shape[0], -1))


class DenseLayer(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, 4 * growth, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(4 * growth), nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, features):
        x = self.conv1(F.relu(self.norm1(torch.cat(features, 1))))
        return self.conv2(F.relu(self.norm2(x)))


class DenseNet(nn.Module):
    def __init__(self, growth=8):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 1, 1)
        self.blocks, self.transitions, width = nn.ModuleList(), nn.ModuleList(), 16
        for count in (3, 4):
            self.blocks.append(nn.ModuleList(DenseLayer(width + i * growth, growth) for i in range(count)))
            width += count * growth
            self.transitions.append(
                nn.Sequential(nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width // 2, 1), nn.AvgPool2d(2, 2))
            )
            width //= 2
        self.norm, self.classifier = nn.BatchNorm2d(width), nn.Linear(width, 10)

    def forward(self, x):
        x = self.stem(x)
        for layers, transition in zip(self.blocks, self.transitions):
            features = [x]
            for layer in layers:
                features.append(layer(features))
            x = transition(torch.cat(features, 1))
        return self.classifier(F.relu(self.norm(x)).mean([2, 3]))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1, self.down2, self.down3 = conv_bn(3, 8, 3), conv_bn(8, 16, 3), conv_bn(16, 32, 3)
        self.pool = nn.MaxPool2d(2)
        self.up1 = nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.up2 = nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1)
        self.mid, self.last = conv_bn(32, 16, 3), conv_bn(16, 8, 3)
        self.side, self.head = nn.Conv2d(32, 8, 1), nn.Conv2d(16, 2, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(self.pool(a))
        c = self.down3(self.pool(b))
        y = self.mid(torch.cat([self.up1(c), b], dim=1))
        y = self.last(torch.cat([self.up2(y), a], dim=1))
        side = F.interpolate(self.side(c), scale_factor=2, mode="nearest")
        side = F.interpolate(side, size=(32, 32), mode="bilinear", align_corners=False)
        return torch.sigmoid(self.head(torch.cat([y, side], dim=1)))


class Fire(nn.Module):
    def __init__(self, inputs, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeeze, 1)
        self.expand1x1, self.expand3x3 = nn.Conv2d(squeeze, expand, 1), nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1x1(x)), F.relu(self.expand3x3(x))], 1)


def squeezenet():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 2),
        nn.ReLU(True),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        Fire(16, 4, 8),
        Fire(16, 4, 8),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        Fire(16, 8, 16),
        nn.AvgPool2d(2, 2, ceil_mode=True),
        nn.Dropout(0.5),
        nn.Conv2d(32, 10, 1),
        nn.ReLU(True),
        nn.AdaptiveAvgPool2d((1, 1)),
        nn.Flatten(),
    )


class ShuffleUnit(nn.Module):
    def __init__(self, inputs, stride):
        super().__init__()
        self.stride, half = stride, inputs // 2
        branch = half if stride == 1 else inputs
        self.branch1 = nn.Sequential(
            nn.Conv2d(inputs, inputs, 3, 2, 1, groups=inputs, bias=False), nn.BatchNorm2d(inputs), conv_bn(inputs, half, 1)
        )
        self.branch2 = nn.Sequential(
            conv_bn(branch, half, 1),
            nn.Conv2d(half, half, 3, stride, 1, groups=half, bias=False),
            nn.BatchNorm2d(half),
            conv_bn(half, half, 1),
        )

    def forward(self, x):
        if self.stride == 1:
            x1, x2 = x.chunk(2, dim=1)
            out = torch.cat((x1, self.branch2(x2)), dim=1)
        else:
            out = torch.cat((self.branch1(x), self.branch2(x)), dim=1)
        n, c, h, w = out.shape
        return out.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)


class ShuffleNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(conv_bn(3, 16, 3, 2), ShuffleUnit(16, 2), ShuffleUnit(16, 1), ShuffleUnit(16, 1))
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        return self.fc(self.body(x).mean([2, 3]))


class ConvNeXtBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.depthwise = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.wide, self.act, self.narrow = nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        self.gamma = nn.Parameter(torch.rand(width))

    def forward(self, x):
        y = self.depthwise(x).permute(0, 2, 3, 1)
        y = self.gamma * self.narrow(self.act(self.wide(self.norm(y))))
        return x + y.permute(0, 3, 1, 2)


class LayerNorm2d(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def convnext():
    return nn.Sequential(
        nn.Conv2d(3, 12, 4, 4),
        LayerNorm2d(12, eps=1e-6),
        ConvNeXtBlock(12),
        ConvNeXtBlock(12),
        LayerNorm2d(12, eps=1e-6),
        nn.Conv2d(12, 24, 2, 2),
        ConvNeXtBlock(24),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(1),
        nn.LayerNorm(24, eps=1e-6),
        nn.Linear(24, 10),
    )


class SqueezeExcitation(nn.Module):
    def __init__(self, width, squeeze):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(width, squeeze, 1), nn.Conv2d(squeeze, width, 1)

    def forward(self, x):
        return torch.sigmoid(self.fc2(F.silu(self.fc1(F.adaptive_avg_pool2d(x, 1))))) * x


class MBConv(nn.Module):
    def __init__(self, inputs, outputs, size, stride):
        super().__init__()
        hidden = 4 * inputs
        self.block = nn.Sequential(
            conv_bn(inputs, hidden, 1, act=nn.SiLU),
            conv_bn(hidden, hidden, size, stride, hidden, act=nn.SiLU),
            SqueezeExcitation(hidden, inputs // 2),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        return self.block(x) + x if self.adds else self.block(x)


def efficientnet():
    return nn.Sequential(
        conv_bn(3, 8, 3, 2, act=nn.SiLU),
        MBConv(8, 12, 3, 2),
        MBConv(12, 12, 3, 1),
        MBConv(12, 16, 5, 2),
        MBConv(16, 16, 5, 1),
        conv_bn(16, 48, 1, act=nn.Hardswish),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(1),
        nn.Linear(48, 10),
    )


def vgg():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.LeakyReLU(0.1),
        nn.MaxPool2d(2, 2),
        nn.Conv2d(8, 12, 3, padding=1),
        nn.PReLU(12),
        nn.GroupNorm(3, 12),
        nn.AvgPool2d(3, 2, 1),
        nn.InstanceNorm2d(12, affine=True),
        nn.Flatten(),
        nn.Linear(12 * 8 * 8, 20),
        nn.Hardsigmoid(),
        nn.Dropout(),
        nn.Linear(20, 10),
        nn.LogSoftmax(dim=1),
    )


NETWORKS = {
    "resnet_basic": lambda: ResNet(BasicBlock(16, 16), BasicBlock(16, 24, 2), BasicBlock(24, 24), width=24),
    "resnet_bottleneck": lambda: ResNet(Bottleneck(16, 8), Bottleneck(32, 8), Bottleneck(32, 12, 2), width=48),
    "resnext": lambda: ResNet(Bottleneck(16, 8, groups=4), Bottleneck(32, 16, 2, groups=4), width=64),
    "mobilenet_v2": MobileNetV2,
    "densenet": DenseNet,
    "unet": UNet,
    "squeezenet": squeezenet,
    "shufflenet": ShuffleNet,
    "convnext": convnext,
    "efficientnet": efficientnet,
    "vgg": vgg,
}


def shake(model):
    """Statistics and factors that no norm is idle with."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, std=0.2)
            nn.init.uniform_(module.running_var, 0.7, 1.3)
        if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm, nn.InstanceNorm2d)):
            nn.init.uniform_(module.weight, 0.7, 1.3)
            nn.init.normal_(module.bias, std=0.2)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)
    for name, make in NETWORKS.items():
        torch.manual_seed(1)
        model = make().eval()
        shake(model)
        # An odd extent, so that ceil_mode has something to round up.
        image = torch.rand(1, 3, 33, 33) if name == "squeezenet" else torch.rand(1, 3, 32, 32)
        with torch.no_grad():
            result = model(image)
        torch.onnx.export(model, image, folder / f"{name}.onnx", input_names=["image"], output_names=["result"])
        np.save(folder / f"{name}_in.npy", image.numpy())
        np.save(folder / f"{name}_out.npy", result.numpy())
        print(name)
