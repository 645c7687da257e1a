using System.ComponentModel;
using System.Reflection;
using System.Text;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Operations.Schemas;
using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Tests.Operations.MeaningEvaluator;
using static Fuser.Kernels.Tests.Operations.TestArrays;

namespace Fuser.Kernels.Tests.Operations;

public sealed class OperationCatalogueTests
{
    /// <summary>What no recording of torch 1.13 can cover: random streams, names it does not know, views of a graph only.</summary>
    private static readonly string[] NotRecorded =
    [
        "aten::alpha_dropout", "aten::bernoulli", "aten::rand_like", "aten::prelu", "aten::softsign", "aten::tanhshrink",
        "aten::bfloat16", "aten::bool", "aten::byte", "aten::char", "aten::double", "aten::float", "aten::half", "aten::int", "aten::long", "aten::short",
        "aten::_cast_Byte", "aten::_cast_Char", "aten::_cast_Int", "aten::_cast_Long", "aten::_cast_Short",
        "aten::scalar_tensor", "aten::tensor", "prim::NumToTensor", "prim::AsFloat32", "prim::AsFloat16", "prim::AsBFloat16",
    ];

    /// <summary>Every operation that the original fuser fused, and those that the product adds.</summary>
    private const string Promised =
        """
        _cast_Float abs acos add asin atan atan2 ceil clamp cos cosh div exp expm1 erf erfc floor fmod frac lgamma log log10 log1p log2 logit lerp max min mul
        neg pow reciprocal relu threshold remainder round rsqrt sigmoid sin sinh sqrt sub tan rand_like tanh trunc eq ne ge gt le lt addcmul where type_as
        __and__ __or__ __xor__ __lshift__ __rshift__ to addcdiv softplus elu selu celu gelu silu mish hardtanh hardsigmoid hardswish leaky_relu prelu sign sgn
        signbit copysign isnan isinf isfinite nan_to_num maximum minimum fmin fmax floor_divide true_divide hypot exp2 asinh acosh atanh logaddexp xlogy deg2rad
        rad2deg square bernoulli dropout bitwise_and bitwise_or bitwise_xor bitwise_not bitwise_left_shift bitwise_right_shift logical_and logical_or
        logical_xor logical_not rsub masked_fill clamp_min clamp_max isposinf isneginf positive logaddexp2 relu6 hardshrink softshrink softsign tanhshrink
        log_sigmoid arcsin arccos arctan arcsinh arccosh arctanh _cast_Double _cast_Half _cast_Byte _cast_Char _cast_Short _cast_Int _cast_Long multiply subtract divide
        """;

    [Fact]
    public void Every_promised_operation_has_a_row() => Promised
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        .Where(name => OperationCatalogue.Find("aten::" + name) is null)
        .ShouldBeEmpty();

    [Fact]
    public void Every_row_is_documented_and_names_a_described_type_rule() => OperationCatalogue.All
        .Where(operation => operation.Documentation.Length < 3 || operation.Types.Method.GetCustomAttribute<DescriptionAttribute>() is null)
        .Select(operation => operation.Kind)
        .ShouldBeEmpty();

    [Fact]
    public void Every_row_is_compared_with_eager_PyTorch() => OperationCatalogue.All
        .Select(operation => operation.Kind)
        .Except(EagerCases.Operations)
        .Except(NotRecorded)
        .ShouldBeEmpty();

    [Fact]
    public void Every_planned_operation_has_a_rule_and_no_row_of_the_catalogue_but_where_a_form_of_it_is_elementwise()
    {
        PlannedOperations.All.Where(operation => Kernels.Partitioning.Rules.PlanRules.Find(operation.Kind) is null).Select(operation => operation.Kind).ShouldBeEmpty();
        PlannedOperations.All.Select(operation => operation.Kind).Where(kind => OperationCatalogue.Find(kind) is not null).ShouldBeSubsetOf(["aten::max", "aten::min"]);
    }

    [Fact]
    public void A_parameter_list_prints_as_it_was_read()
    {
        const string list = "Tensor self, Operand other, Number alpha=1, Number? eps, Constant mode=None, Constant text=\"none\", Like dtype=None, Ignored generator=None, Number slope=0.01, Constant flag=False";

        string.Join(", ", Parameter.ParseList(list)).ShouldBe(list);
    }

    [Fact]
    public void A_wrong_number_of_arguments_says_what_was_wanted()
    {
        var error = Should.Throw<GraphException>(() => ResultType("aten::add", Of(DType.Float32, 1)));

        error.Code.ShouldBe(ErrorCodes.OperationArity);
        error.Message.ShouldBe("aten::add got 1 arguments, wanted 2 to 3: (Operand self, Operand other, Number alpha=1). See docs/operations.md.");
    }

    [Fact]
    public void An_argument_of_the_wrong_kind_says_which_and_what_was_wanted()
    {
        Rejected("aten::relu", 1.5).ShouldBe((ErrorCodes.OperationArgument, "argument 1 (self) of aten::relu got the float 1.5, wanted a tensor."));
        Rejected("aten::leaky_relu", Of(DType.Float32, 1), Of(DType.Float32, 1)).ShouldBe((ErrorCodes.OperationArgument, "argument 2 (negative_slope) of aten::leaky_relu got a tensor of float32, wanted a number."));
        Rejected("aten::where", Of(DType.Float32, 1), 1, 2).ShouldBe((ErrorCodes.OperationArgument, "argument 1 (condition) of aten::where got a tensor of float32, wanted a bool tensor."));
        Rejected("aten::add", Of(DType.Float32, 1), null).ShouldBe((ErrorCodes.OperationArgument, "argument 2 (other) of aten::add got None, wanted a value."));
        Rejected("aten::div", Of(DType.Float32, 1), 2, "up").ShouldBe((ErrorCodes.OperationArgument, "rounding_mode of aten::div got \"up\", wanted None, \"trunc\" or \"floor\"."));
        Rejected("aten::clamp", Of(DType.Float32, 1), null, null).ShouldBe((ErrorCodes.OperationArgument, "aten::clamp got neither min nor max, wanted at least one."));
    }

    [Fact]
    public void An_unsupported_dtype_says_what_was_wanted()
    {
        Rejected("aten::gelu", Of(DType.Int32, 1)).ShouldBe((ErrorCodes.UnsupportedDType, "aten::gelu got int32, wanted a floating point tensor. Convert the input with aten::to first."));
        Rejected("aten::sub", Of(DType.Bool, 1), Of(DType.Bool, 1)).Code.ShouldBe(ErrorCodes.UnsupportedDType);
        Rejected("aten::to", Of(DType.Bool, 1), 9).Code.ShouldBe(ErrorCodes.UnsupportedDType);
        Rejected("aten::bitwise_and", Of(DType.Float32, 1), 1).Code.ShouldBe(ErrorCodes.UnsupportedDType);
    }

    /// <summary>With FUSER_WRITE_DOCS=1 in the environment the page is written instead of compared.</summary>
    [Fact]
    public void The_page_of_operations_is_that_of_the_catalogue()
    {
        var path = Path.Combine(Graphs.Corpus.Root, "..", "..", "docs", "operations.md");
        var page = OperationsPage.Text();
        if (Environment.GetEnvironmentVariable("FUSER_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, page);
        }

        File.ReadAllText(path).ShouldBe(page, "run the tests once with FUSER_WRITE_DOCS=1 to rewrite docs/operations.md");
    }

    private static (string Code, string Message) Rejected(string kind, params object?[] arguments)
    {
        var error = Should.Throw<GraphException>(() => ResultType(kind, arguments));
        return (error.Code, error.Message);
    }
}

/// <summary>Writes <c>docs/operations.md</c> from the catalogue.</summary>
internal static class OperationsPage
{
    public static string Text()
    {
        var aliases = OperationAliases.Rows.ToLookup(row => row.Kind, row => row.Alias);
        var names = OperationAliases.Rows.Select(row => row.Alias).ToHashSet();
        var rows = OperationCatalogue.All.Where(operation => !names.Contains(operation.Kind)).ToList();
        var page = new StringBuilder();
        page.Append(
            """
            # Operations

            Generated from the catalogue (`src/Fuser.Kernels/Operations`) by a test; run the tests with `FUSER_WRITE_DOCS=1` to rewrite it.
            Semantics are eager PyTorch's. Operands broadcast. `Operand` is a tensor or a number, `Condition` a bool tensor, `Number` a number that
            may change from call to call, `Constant` part of the code, `Like` names a dtype, `Ignored` has no influence on values.
            Arguments stand in the order in which a graph prints them; those with a default may be left out.


            """);
        page.Append("## Type rules\n\n| rule | computes in, answers |\n|---|---|\n");
        foreach (var rule in rows.Select(operation => operation.Types.Method).DistinctBy(method => method.Name).OrderBy(method => method.Name, StringComparer.Ordinal))
        {
            page.Append($"| {rule.Name} | {rule.GetCustomAttribute<DescriptionAttribute>()!.Description} |\n");
        }

        page.Append("\n## Elementwise operations\n\n| operation | arguments | types | meaning |\n|---|---|---|---|\n");
        foreach (var operation in rows)
        {
            var kinds = string.Join(", ", aliases[operation.Kind].Prepend(operation.Kind).Select(kind => $"`{kind}`"));
            page.Append($"| {kinds} | {Cell(string.Join(", ", operation.Parameters))} | {operation.Types.Method.Name} | {Cell(operation.Documentation)} |\n");
        }

        Append(page, OperationFamily.Planned, "Operations that are planned", "Made of the operations above and of reductions, or run by a routine. A type is Tensor, a number (int, float, bool, Scalar), str, a list, tuple, or t, which is anything; a question mark allows None, three dots stand for any number of values, and where numbers are listed a single one will do.");
        Append(page, OperationFamily.Views, "Views, and tensors joined", "A view is another look at the same memory, inside a kernel too, and costs nothing; what is joined is written where it belongs at once.");
        Append(page, OperationFamily.Values, "Values", "What is known of a tensor, single elements, lists, texts, branches and loops ([control flow](control-flow.md)).");
        page.Append("\n## Numbers\n\nPython's arithmetic on plain numbers, once per call and never in a kernel: int stays int except under division, floats are float64.\n\n");
        page.AppendJoin(", ", KnownOperations.All.Where(row => row.Family == OperationFamily.Numbers).Select(row => $"`{row.Kind}`").Distinct().Order(StringComparer.Ordinal)).Append(".\n");
        return page.ToString();
    }

    private static void Append(StringBuilder page, OperationFamily family, string title, string text)
    {
        page.Append($"\n## {title}\n\n{text}\n\n| operation | what it takes and gives | what it is |\n|---|---|---|\n");
        foreach (var row in KnownOperations.All.Where(row => row.Family == family).OrderBy(row => row.Kind, StringComparer.Ordinal))
        {
            page.Append($"| `{row.Kind}` | {Cell(string.Join("; ", row.Schemas))} | {Cell(row.Documentation)} |\n");
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|").Replace("*", "\\*");
}
