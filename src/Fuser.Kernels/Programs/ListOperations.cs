using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Programs;

/// <summary>Operations on lists, as Python's.</summary>
internal static class ListOperations
{
    /// <summary>Null when the first argument is no list, or the kind has no meaning for lists.</summary>
    public static ProgramValue? TryEvaluate(HostArguments a)
    {
        if (a.Count == 0 || a[0].Kind != ProgramValueKind.List)
        {
            return null;
        }

        var list = a[0].List;
        switch (a.Node.Kind)
        {
            case "aten::append":
                list.Add(a[1]);
                return list;
            case "aten::extend" or "aten::add_":
                list.AddRange(a.List(1));
                return list;
            case "aten::insert":
                list.Insert(a.Integer(1), a[2]);
                return ProgramValue.None;
            case "aten::pop":
                return list.RemoveAt(a.Count > 1 ? a.Integer(1) : -1);
            case "aten::Delete":
                list.RemoveAt(a.Integer(1));
                return ProgramValue.None;
            case "aten::reverse":
                list.Reverse();
                return ProgramValue.None;
            case "aten::clear":
                list.Clear();
                return ProgramValue.None;
            case "aten::_set_item":
                list.Set(a.Integer(1), a[2]);
                return list;
            case "aten::len":
                return (long)list.Count;
            case "aten::__getitem__":
                return list.Get(a.Integer(1));
            case "aten::list" or "aten::copy":
                return new ProgramList(list.Items);
            case "aten::add":
                return Joined(list, a.List(1));
            case "aten::mul":
                return Repeated(list, a.Integer(1));
            case "aten::slice":
                return Sliced(list, a);
            case "aten::eq":
                return AreEqual(a, a[0], a[1]);
            case "aten::ne":
                return !AreEqual(a, a[0], a[1]);
            case "aten::__contains__":
                return list.Items.Any(item => AreEqual(a, item, a[1]));
            case "aten::count":
                return list.Items.LongCount(item => AreEqual(a, item, a[1]));
            case "aten::index":
                return IndexOf(list, a);
            case "prim::min" or "prim::max":
                return Extreme(list, a);
            default:
                return null;
        }
    }

    private static ProgramList Joined(ProgramList list, ProgramList other)
    {
        var joined = new ProgramList(list.Items);
        joined.AddRange(other);
        return joined;
    }

    private static ProgramList Repeated(ProgramList list, long times)
    {
        if (times > 0 && list.Count > 0 && times > ProgramList.MostItems / list.Count)
        {
            throw new InputException(ErrorCodes.SizeLimit, $"a list of {list.Count} cannot be repeated {times} times: it would have more than {ProgramList.MostItems} items");
        }

        return new ProgramList(Enumerable.Range(0, (int)Math.Max(0, list.Count == 0 ? 0 : times)).SelectMany(_ => list.Items));
    }

    private static ProgramList Sliced(ProgramList list, HostArguments a)
    {
        var step = a.Count > 3 ? a.Integer(3) : 1;
        if (step <= 0)
        {
            throw a.Error(ErrorCodes.OperationArgument, $"got step {step}, wanted at least 1");
        }

        var start = Bound(1, 0);
        var end = Bound(2, list.Count);
        var items = new List<ProgramValue>();
        for (long i = start; i < end; i += Math.Min(step, list.Count))
        {
            items.Add(list.Get(i));
        }

        return new ProgramList(items);

        long Bound(int argument, long missing)
        {
            if (a.Count <= argument || a[argument].Kind == ProgramValueKind.None)
            {
                return missing;
            }

            var bound = a.Integer(argument);
            return Math.Clamp(bound < 0 ? bound + list.Count : bound, 0, list.Count);
        }
    }

    private static ProgramValue IndexOf(ProgramList list, HostArguments a)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (AreEqual(a, list.Get(i), a[1]))
            {
                return (long)i;
            }
        }

        throw a.Error(ErrorCodes.OperationArgument, $"{a[1]} is not in {a[0]}");
    }

    /// <summary>Of the numbers of a list, or of two lists the one that is smaller item by item, which nobody prints.</summary>
    private static ProgramValue? Extreme(ProgramList list, HostArguments a)
    {
        if (a.Count != 1)
        {
            return null;
        }

        if (list.Count == 0 || !list.Items.All(item => item.IsNumber))
        {
            throw a.Wrong(0, "a list with numbers in it");
        }

        return list.Items.Select(item => item.Number).Aggregate((best, next) => ScalarOperations.Evaluate(a.Node.Kind, [best, next]));
    }

    /// <summary>Numbers by value, texts by text, lists and tuples item by item. Tensors have no such equality: it would be a tensor.</summary>
    private static bool AreEqual(HostArguments a, ProgramValue left, ProgramValue right)
    {
        var compared = 0;
        return AreEqual(left, right);

        bool AreEqual(ProgramValue x, ProgramValue y)
        {
            if (++compared > ProgramList.MostItems)
            {
                throw a.Error(ErrorCodes.SizeLimit, $"compares lists of more than {ProgramList.MostItems} values");
            }

            if (x.IsNumber && y.IsNumber)
            {
                return ScalarOperations.Evaluate("aten::eq", [x.Number, y.Number]).Integer != 0;
            }

            return (x.Kind, y.Kind) switch
            {
                (ProgramValueKind.Text, ProgramValueKind.Text) => x.Text == y.Text,
                (ProgramValueKind.List, ProgramValueKind.List) => ItemsAreEqual(x.List.Items, y.List.Items),
                (ProgramValueKind.Tuple, ProgramValueKind.Tuple) => ItemsAreEqual(x.Tuple, y.Tuple),
                (ProgramValueKind.None, ProgramValueKind.None) => true,
                (ProgramValueKind.Tensor, ProgramValueKind.Tensor) => throw a.Error(ErrorCodes.UnsupportedOperation, "compares tensors inside lists; compare them one by one"),
                _ => false,
            };
        }

        bool ItemsAreEqual(IReadOnlyList<ProgramValue> x, IReadOnlyList<ProgramValue> y) =>
            x.Count == y.Count && (ReferenceEquals(x, y) || Enumerable.Range(0, x.Count).All(i => AreEqual(x[i], y[i])));
    }
}
