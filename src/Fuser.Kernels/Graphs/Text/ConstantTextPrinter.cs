using System.Globalization;
using System.Text;

namespace Fuser.Kernels.Graphs.Text;

/// <summary>Prints literals so that they read back as the same literal under the same declared type.</summary>
internal static class ConstantTextPrinter
{
    public static void Print(StringBuilder output, ConstantValue value, GraphType? type)
    {
        type = type is OptionalType optional ? optional.Element : type;
        switch (value)
        {
            case IntConstant number:
                output.Append(CultureInfo.InvariantCulture, $"{number.Value}");
                break;
            case FloatConstant number:
                var text = FloatText.Print(number.Value);
                output.Append(text).Append(type is FloatType || text.AsSpan().ContainsAny("ein.") ? "" : ".");
                break;
            case BoolConstant truth when type is BoolType:
                output.Append(truth.Value ? '1' : '0');
                break;
            case BoolConstant truth:
                output.Append(truth.Value ? "True" : "False");
                break;
            case StringConstant quoted:
                StringText.Print(output, quoted.Value);
                break;
            case ListConstant list:
                PrintList(output, list, (type as ListType)?.Element);
                break;
            case TensorConstant { Item: FloatConstant item }:
                output.Append('{').Append(TensorItem(item.Value)).Append('}');
                break;
            case TensorConstant tensor:
                output.Append('{');
                Print(output, tensor.Item, null);
                output.Append('}');
                break;
            case OpaqueConstant raw:
                output.Append(raw.Text);
                break;
            default:
                throw new InternalFuserException(ErrorCodes.Internal, $"there is no text for a literal of type {value.GetType().Name}.");
        }
    }

    private static void PrintList(StringBuilder output, ListConstant list, GraphType? element)
    {
        output.Append('[');
        for (var i = 0; i < list.Items.Length; i++)
        {
            output.Append(i == 0 ? "" : ", ");
            Print(output, list.Items[i], element);
        }

        output.Append(']');
    }

    private static string TensorItem(double value)
    {
        var text = FloatText.PrintShort(value);
        return text.AsSpan().ContainsAny("ein.") ? text : text + ".";
    }
}
