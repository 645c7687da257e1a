using System.ComponentModel;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>Casts between element types. Devices and memory formats in their arguments have no influence on values.</summary>
internal static class ConversionOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::to", "Tensor self, Like a=None, Like b=None, Like c=None, Like d=None, Like e=None, Like f=None, Like g=None", Target, Cast,
            "self as another dtype, in every overload: (dtype, ...), (device, dtype, ...), (other, ...), (dtype, layout, device, ...), (device) alone. Floats to integers truncate and saturate, NaN gives 0."),
        new("aten::type_as", "Tensor self, Like other", Target, Cast,
            "self in the dtype of other, whose values and shape have no influence."),
        Named("aten::_cast_Float", DType.Float32),
        Named("aten::_cast_Double", DType.Float64),
        Named("aten::_cast_Half", DType.Float16),
        Named("aten::_cast_Byte", DType.UInt8),
        Named("aten::_cast_Char", DType.Int8),
        Named("aten::_cast_Short", DType.Int16),
        Named("aten::_cast_Int", DType.Int32),
        Named("aten::_cast_Long", DType.Int64),
        Named("aten::float", DType.Float32),
        Named("aten::double", DType.Float64),
        Named("aten::half", DType.Float16),
        Named("aten::bfloat16", DType.BFloat16),
        Named("aten::byte", DType.UInt8),
        Named("aten::char", DType.Int8),
        Named("aten::short", DType.Int16),
        Named("aten::int", DType.Int32),
        Named("aten::long", DType.Int64),
        Named("aten::bool", DType.Bool),
    ];

    /// <summary>
    /// The dtype stands right after self, or after the device. Only the overload with a layout, whose flags are the fifth and sixth
    /// argument after self, can have a None for the dtype and an int that is none behind it.
    /// </summary>
    [Description("The type of self in, the dtype that the arguments name out; without one, that of self.")]
    public static TypeResolution Target(OperandTypes types)
    {
        var named = NamedType(types, 1);
        if (named is null && types.Count == 8 && types[6].Constant is not BoolConstant)
        {
            named = NamedType(types, 2);
        }

        return new TypeResolution(types[0].DType, named ?? types[0].DType);
    }

    private static Operation Named(string kind, DType dtype) => new(
        kind,
        "Tensor self, Ignored non_blocking=False",
        new NamedTarget(dtype).FixedType,
        Cast,
        $"self as {dtype.DisplayName()}.");

    private static IrValue Cast(MeaningContext c) => ValueConversion.Convert(c.B, c[0], c.Compute, c.Result);

    private sealed class NamedTarget(DType dtype)
    {
        [Description("The type of self in, the type the operation is named after out.")]
        public TypeResolution FixedType(OperandTypes types) => new(types[0].DType, dtype);
    }
}
