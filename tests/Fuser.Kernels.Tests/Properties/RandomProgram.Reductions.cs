using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Properties;

internal sealed partial class RandomProgram
{
    /// <summary>A reduction, or an operation that is made of some.</summary>
    private bool Reduction()
    {
        var tensor = RandomArrays.Pick(_random, _tensors.ToArray());
        var (shape, rank) = (tensor.Shape, tensor.Shape.Length);
        var isFloat = tensor.DType.IsFloatingPoint();
        var counted = isFloat ? tensor.DType : DType.Int64;
        int[] axes = [.. Enumerable.Range(0, rank).Where(_ => _random.Next(2) == 0)];
        var axis = rank == 0 ? 0 : _random.Next(rank);
        var keep = _random.Next(2) == 0;
        var hasElements = !shape.Contains(0);
        string Keep() => Literal("bool", keep ? "1" : "0");
        string Axes() => List(axes.Select(a => (long)(_random.Next(2) == 0 ? a : a - rank)));
        string Axis() => Literal("int", (_random.Next(2) == 0 ? axis : axis - Math.Max(rank, 1)).ToString());
        string Int(long value) => Literal("int", value.ToString());
        var overAxes = Without(shape, axes.Length == 0 ? [.. Enumerable.Range(0, rank)] : axes, keep);
        var overAxis = rank == 0 ? shape : Without(shape, [axis], keep);
        switch (_random.Next(18))
        {
            case 0:
                return Defined("aten::sum", [tensor.Name, Axes(), Keep(), None()], counted, overAxes);
            case 1:
                return Defined("aten::sum", [tensor.Name, None()], counted, []);
            case 2 when isFloat:
                return Defined("aten::mean", [tensor.Name, Axes(), Keep(), None()], tensor.DType, overAxes);
            case 3:
                return Defined("aten::prod", [tensor.Name, Axis(), Keep(), None()], counted, overAxis);
            case 4 when hasElements:
                return Defined(_random.Next(2) == 0 ? "aten::amax" : "aten::amin", [tensor.Name, Axes(), Keep()], tensor.DType, overAxes);
            case 5 when hasElements:
                return ValuesAndIndices(_random.Next(2) == 0 ? "aten::max" : "aten::min", [tensor.Name, Axis(), Keep()], tensor.DType, overAxis);
            case 6 when hasElements && tensor.DType != DType.Bool:
                return Defined("aten::argmax", [tensor.Name, Axis(), Keep()], DType.Int64, overAxis);
            case 7 when hasElements && !keep && tensor.DType != DType.Bool:
                return Defined("aten::argmin", [tensor.Name, None(), Keep()], DType.Int64, []);
            case 8 when isFloat:
                return Defined("aten::var", [tensor.Name, Axes(), Int(_random.Next(2)), Keep()], tensor.DType, overAxes);
            case 9 when isFloat:
                return ValuesAndIndices("aten::std_mean", [tensor.Name, Axes(), Int(_random.Next(2)), Keep()], tensor.DType, overAxes, tensor.DType);
            case 10 when isFloat:
                return Defined("aten::logsumexp", [tensor.Name, Axes(), Keep()], tensor.DType, overAxes);
            case 11 when isFloat:
                return Defined(_random.Next(2) == 0 ? "aten::softmax" : "aten::log_softmax", [tensor.Name, Axis(), None()], tensor.DType, shape);
            case 12 when isFloat && rank > 0:
                var first = _random.Next(rank);
                return Defined("aten::layer_norm", [tensor.Name, List(shape[first..]), None(), None(), Literal("float", "1e-05"), Literal("bool", "0")], tensor.DType, shape);
            case 13:
                return Defined("aten::all", [tensor.Name, Axis(), Keep()], tensor.DType == DType.UInt8 ? DType.UInt8 : DType.Bool, overAxis);
            case 14:
                return Defined("aten::any", [tensor.Name], tensor.DType == DType.UInt8 ? DType.UInt8 : DType.Bool, []);
            case 15:
                return Defined("aten::cumsum", [tensor.Name, Axis(), None()], counted, shape);
            case 16 when isFloat:
                return Defined("aten::norm", [tensor.Name, Int(_random.Next(4)), Axes(), Keep()], tensor.DType, overAxes);
            case 17 when isFloat && rank > 0:
                return Defined("aten::rms_norm", [tensor.Name, List([shape[^1]]), None(), None()], tensor.DType, shape);
            default:
                return false;
        }
    }

    private string None()
    {
        var name = $"%{_names++}";
        _lines.Add($"{name} : NoneType = prim::Constant()");
        return name;
    }

    private static ImmutableArray<long> Without(ImmutableArray<long> shape, int[] axes, bool keep) => keep
        ? [.. shape.Select((size, axis) => axes.Contains(axis) ? 1 : size)]
        : [.. shape.Where((_, axis) => !axes.Contains(axis))];

    private bool Defined(string kind, List<string> arguments, DType dtype, ImmutableArray<long> shape)
    {
        Define(kind, arguments, dtype, shape);
        return true;
    }

    private bool ValuesAndIndices(string kind, List<string> arguments, DType dtype, ImmutableArray<long> shape, DType second = DType.Int64)
    {
        var (values, indices) = ($"%{_names++}", $"%{_names++}");
        _lines.Add($"{values} : Tensor, {indices} : Tensor = {kind}({string.Join(", ", arguments)})");
        _tensors.Add(new Tensor(values, dtype, shape));
        _tensors.Add(new Tensor(indices, second, shape));
        return true;
    }
}
