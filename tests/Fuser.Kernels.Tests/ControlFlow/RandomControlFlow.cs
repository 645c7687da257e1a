using System.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.ControlFlow;

/// <summary>
/// A program with nested branches and loops from a seed, and the same written out by hand: this class takes every decision itself, with the
/// numbers of the inputs, and prints only what is then computed.
/// </summary>
internal sealed class RandomControlFlow
{
    private const int MostWritten = 600;

    private readonly Random _random;
    private readonly StringBuilder _program = new();
    private readonly StringBuilder _written = new();
    private readonly Dictionary<string, string> _tensors = [];
    private readonly Dictionary<string, long> _numbers = [];
    private readonly List<string> _list = [];
    private int _names;
    private int _writtenNames;

    private RandomControlFlow(int seed) => _random = new Random(seed);

    public string Program { get; private set; } = "";

    public string WrittenOut { get; private set; } = "";

    public FuserValue[] Inputs { get; private set; } = [];

    private abstract record Statement;

    private sealed record TensorStatement(string Out, string Kind, string[] Arguments) : Statement;

    private sealed record NumberStatement(string Out, string Kind, string A, string B) : Statement;

    private sealed record ReadStatement(string Out, string Tensor) : Statement;

    private sealed record AppendStatement(string Tensor) : Statement;

    private sealed record BranchStatement(string A, string Comparison, string B, Body Then, Body Else, string[] Outs) : Statement;

    private sealed record LoopStatement(string Trips, string? Until, string[] Initial, string[] Carried, string Counter, Body Body, string[] Outs) : Statement;

    /// <summary>Statements and what they hand out: first tensors, then numbers.</summary>
    private sealed record Body(List<Statement> Statements, string[] Results);

    /// <summary>Null when the seed's program would be too long written out.</summary>
    public static RandomControlFlow? Create(int seed)
    {
        var program = new RandomControlFlow(seed);
        return program.Build() ? program : null;
    }

    private bool Build()
    {
        var random = _random;
        var matrix = Properties.RandomArrays.Create(random, DType.Float32, TensorLayout.Contiguous([4, 5]));
        var (half, whole) = (Properties.RandomArrays.Create(random, DType.Float16, TensorLayout.Contiguous([5])), NdArray.From([3, -1, 0, 7, 2]));
        long n = random.Next(4), m = random.Next(-2, 5), read = random.Next(3);
        Inputs = [matrix, half, whole, n, m, NdArray.Scalar(read)];

        var scope = new Scope([.. new[] { "x", "h", "w" }], [.. new[] { "n", "m", "c0", "c1", "c2", "c3" }]);
        var body = CreateBody(scope, depth: 0, statements: 5 + random.Next(6), results: (4, 2));

        const string Head = """
            graph(%mat : Tensor, %h : Tensor, %w : Tensor, %n : int, %m : int, %e : Tensor):
              %c0 : int = prim::Constant[value=0]()
              %c1 : int = prim::Constant[value=1]()
              %c2 : int = prim::Constant[value=2]()
              %c3 : int = prim::Constant[value=3]()
              %c4 : int = prim::Constant[value=4]()
              %true : bool = prim::Constant[value=1]()
              %x : Tensor = aten::select(%mat, %c0, %c1)

            """;
        _program.Append(Head).Append("  %list : Tensor[] = prim::ListConstruct(%x)\n");
        Print(body, "  ");
        _program.Append("  %all : Tensor = aten::stack(%list, %c0)\n").Append($"  return ({string.Join(", ", body.Results.Select(result => $"%{result}"))}, %all)\n");
        Program = _program.ToString();

        foreach (var (name, value) in new (string, long)[] { ("c0", 0), ("c1", 1), ("c2", 2), ("c3", 3), ("n", n), ("m", m) })
        {
            _numbers[name] = value;
        }

        foreach (var name in new[] { "x", "h", "w" })
        {
            _tensors[name] = name;
        }

        _numbers["e"] = read;
        _list.Add("x");
        _written.Append(Head);
        if (!Write(body))
        {
            return false;
        }

        _written.Append($"  %list : Tensor[] = prim::ListConstruct({string.Join(", ", _list.Select(item => $"%{item}"))})\n  %all : Tensor = aten::stack(%list, %c0)\n");
        var results = body.Results.Select(result => _tensors.TryGetValue(result, out var tensor) ? tensor : Literal(_numbers[result]));
        var list = string.Join(", ", results.ToList().Select(result => $"%{result}"));
        WrittenOut = _written.Append($"  return ({list}, %all)\n").ToString();
        return true;
    }

    private sealed record Scope(List<string> Tensors, List<string> Numbers)
    {
        public Scope Inner() => new([.. Tensors], [.. Numbers]);
    }

    /// <summary>What was made last is used most: little of a program is then dead.</summary>
    private string Tensor(Scope scope) => scope.Tensors[Recent(scope.Tensors.Count)];

    private string Number(Scope scope) => scope.Numbers[Recent(scope.Numbers.Count)];

    private int Recent(int count) => Math.Max(_random.Next(count), Math.Max(_random.Next(count), _random.Next(count)));

    private string Name(string prefix) => $"{prefix}{_names++}";

    private Body CreateBody(Scope scope, int depth, int statements, (int Tensors, int Numbers) results)
    {
        var list = new List<Statement>();
        for (var i = 0; i < statements; i++)
        {
            list.Add(CreateStatement(scope, depth));
        }

        string[] outs = [.. Enumerable.Range(0, results.Tensors).Select(_ => Tensor(scope)), .. Enumerable.Range(0, results.Numbers).Select(_ => Number(scope))];
        return new Body(list, outs);
    }

    private Statement CreateStatement(Scope scope, int depth)
    {
        switch (_random.Next(depth < 3 ? 12 : 8))
        {
            case 0 or 1:
                return Define(new TensorStatement(Name("t"), Pick("aten::add", "aten::mul", "aten::maximum"), [Tensor(scope), Tensor(scope)]));
            case 2:
                return Define(new TensorStatement(Name("t"), Pick("aten::relu", "aten::neg", "aten::tanh", "aten::exp"), [Tensor(scope)]));
            case 3:
                return Define(new TensorStatement(Name("t"), Pick("aten::mul", "aten::add"), [Tensor(scope), Number(scope)]));
            case 4:
                // A row by a number that no two trips need to share.
                return Define(new TensorStatement(Name("t"), "row", [Number(scope)]));
            case 5 or 6:
                var number = new NumberStatement(Name("k"), Pick("aten::add", "aten::sub", "prim::max"), Number(scope), Number(scope));
                scope.Numbers.Add(number.Out);
                return number;
            case 7:
                return _random.Next(3) > 0 ? new AppendStatement(Tensor(scope)) : Read(scope);
            case 8 or 9:
                var (tensors, numbers) = (_random.Next(3), _random.Next(2));
                var then = CreateBody(scope.Inner(), depth + 1, _random.Next(4), (tensors, numbers));
                var @else = CreateBody(scope.Inner(), depth + 1, _random.Next(3), (tensors, numbers));
                var (a, b) = (Number(scope), Number(scope)); // before the results are in scope
                string[] outs = [.. Enumerable.Range(0, tensors).Select(_ => Name("t")), .. Enumerable.Range(0, numbers).Select(_ => Name("k"))];
                scope.Tensors.AddRange(outs[..tensors]);
                scope.Numbers.AddRange(outs[tensors..]);
                return new BranchStatement(a, Pick("aten::lt", "aten::eq", "aten::ge"), b, then, @else, outs);
            default:
                return CreateLoop(scope, depth);
        }

        Statement Define(TensorStatement statement)
        {
            scope.Tensors.Add(statement.Out);
            return statement;
        }
    }

    private ReadStatement Read(Scope scope)
    {
        var name = Name("k");
        scope.Numbers.Add(name);
        return new ReadStatement(name, "e");
    }

    private LoopStatement CreateLoop(Scope scope, int depth)
    {
        var (tensors, numbers) = (1 + _random.Next(2), _random.Next(2));
        string[] initial = [.. Enumerable.Range(0, tensors).Select(_ => Tensor(scope)), .. Enumerable.Range(0, numbers).Select(_ => Number(scope))];
        var trips = Pick("n", "c2", "c3", Number(scope));
        string[] carried = [.. Enumerable.Range(0, tensors).Select(_ => Name("t")), .. Enumerable.Range(0, numbers).Select(_ => Name("k"))];
        var counter = Name("k");
        var inner = scope.Inner();
        inner.Tensors.AddRange(carried[..tensors]);
        inner.Numbers.AddRange([.. carried[tensors..], counter]);
        var body = CreateBody(inner, depth + 1, 1 + _random.Next(4), (tensors, numbers));
        var until = _random.Next(3) == 0 ? Number(scope) : null; // goes on while the trip number is below this one
        string[] outs = [.. Enumerable.Range(0, tensors).Select(_ => Name("t")), .. Enumerable.Range(0, numbers).Select(_ => Name("k"))];
        scope.Tensors.AddRange(outs[..tensors]);
        scope.Numbers.AddRange(outs[tensors..]);
        return new LoopStatement(trips, until, initial, carried, counter, body, outs);
    }

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];

    private static string Type(string name) => name[0] is 'k' or 'n' or 'm' or 'c' ? "int" : "Tensor";

    private static string Declare(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"%{name} : {Type(name)}"));

    private static string Uses(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"%{name}"));

    private void Print(Body body, string indent)
    {
        foreach (var statement in body.Statements)
        {
            var extra = Name("z");
            switch (statement)
            {
                case TensorStatement { Kind: "row" } row:
                    _program.Append($"{indent}%{extra} : int = aten::remainder(%{row.Arguments[0]}, %c4)\n{indent}%{row.Out} : Tensor = aten::select(%mat, %c0, %{extra})\n");
                    break;
                case TensorStatement tensor:
                    _program.Append($"{indent}%{tensor.Out} : Tensor = {tensor.Kind}({Uses(tensor.Arguments)})\n");
                    break;
                case NumberStatement number:
                    _program.Append($"{indent}%{number.Out} : int = {number.Kind}(%{number.A}, %{number.B})\n");
                    break;
                case ReadStatement read:
                    _program.Append($"{indent}%{read.Out} : int = aten::Int(%{read.Tensor})\n");
                    break;
                case AppendStatement append:
                    _program.Append($"{indent}%{extra} : Tensor[] = aten::append(%list, %{append.Tensor})\n");
                    break;
                case BranchStatement branch:
                    _program.Append($"{indent}%{extra} : bool = {branch.Comparison}(%{branch.A}, %{branch.B})\n{indent}{Declare(branch.Outs)} = prim::If(%{extra})\n");
                    PrintBlock(branch.Then, 0, [], branch.Then.Results, indent);
                    PrintBlock(branch.Else, 1, [], branch.Else.Results, indent);
                    break;
                case LoopStatement loop:
                    _program.Append($"{indent}{Declare(loop.Outs)} = prim::Loop({Uses([loop.Trips, "true", .. loop.Initial])})\n{indent}  block0({Declare([loop.Counter, .. loop.Carried])}):\n");
                    Print(loop.Body, indent + "    ");
                    if (loop.Until is not null)
                    {
                        _program.Append($"{indent}    %{extra} : bool = aten::lt(%{loop.Counter}, %{loop.Until})\n");
                    }

                    _program.Append($"{indent}    -> ({Uses([loop.Until is null ? "true" : extra, .. loop.Body.Results])})\n");
                    break;
            }
        }
    }

    private void PrintBlock(Body body, int number, string[] inputs, string[] results, string indent)
    {
        _program.Append($"{indent}  block{number}({Declare(inputs)}):\n");
        Print(body, indent + "    ");
        _program.Append($"{indent}    -> ({Uses(results)})\n");
    }

    private bool Write(Body body)
    {
        foreach (var statement in body.Statements)
        {
            if (_writtenNames > MostWritten)
            {
                return false;
            }

            switch (statement)
            {
                case TensorStatement { Kind: "row" } row:
                    _tensors[row.Out] = Written($"aten::select(%mat, %c0, %{Literal(((_numbers[row.Arguments[0]] % 4) + 4) % 4)})");
                    break;
                case TensorStatement tensor:
                    _tensors[tensor.Out] = Written($"{tensor.Kind}({Uses(tensor.Arguments.Select(argument => _tensors.TryGetValue(argument, out var known) ? known : Literal(_numbers[argument])).ToList())})");
                    break;
                case NumberStatement number:
                    var (a, b) = (_numbers[number.A], _numbers[number.B]);
                    _numbers[number.Out] = number.Kind switch { "aten::add" => unchecked(a + b), "aten::sub" => unchecked(a - b), _ => Math.Max(a, b) };
                    break;
                case ReadStatement read:
                    _numbers[read.Out] = _numbers[read.Tensor];
                    break;
                case AppendStatement append:
                    _list.Add(_tensors[append.Tensor]);
                    break;
                case BranchStatement branch:
                    var (left, right) = (_numbers[branch.A], _numbers[branch.B]);
                    var chosen = (branch.Comparison switch { "aten::lt" => left < right, "aten::eq" => left == right, _ => left >= right }) ? branch.Then : branch.Else;
                    if (!Write(chosen))
                    {
                        return false;
                    }

                    Hand(chosen.Results, branch.Outs);
                    break;
                case LoopStatement loop:
                    Hand(loop.Initial, loop.Outs);
                    for (long trip = 0, trips = _numbers[loop.Trips]; trip < trips; trip++)
                    {
                        Hand(loop.Outs, loop.Carried);
                        _numbers[loop.Counter] = trip;
                        if (trip > 50 || !Write(loop.Body))
                        {
                            return false;
                        }

                        Hand(loop.Body.Results, loop.Outs);
                        if (loop.Until is not null && trip >= _numbers[loop.Until])
                        {
                            break;
                        }
                    }

                    break;
            }
        }

        return true;
    }

    private void Hand(string[] from, string[] to)
    {
        var values = from.Select(name => (Tensor: _tensors.GetValueOrDefault(name), Number: _numbers.GetValueOrDefault(name))).ToArray();
        for (var i = 0; i < to.Length; i++)
        {
            if (values[i].Tensor is { } tensor)
            {
                _tensors[to[i]] = tensor;
            }
            else
            {
                _numbers[to[i]] = values[i].Number;
            }
        }
    }

    private string Written(string operation)
    {
        var name = $"v{_writtenNames++}";
        _written.Append($"  %{name} : Tensor = {operation}\n");
        return name;
    }

    private string Literal(long number)
    {
        var name = $"v{_writtenNames++}";
        _written.Append($"  %{name} : int = prim::Constant[value={number}]()\n");
        return name;
    }
}
