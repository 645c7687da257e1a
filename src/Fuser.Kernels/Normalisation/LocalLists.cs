using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Normalisation;

/// <summary>Finds the lists of a block that <see cref="ListMutations"/> can follow.</summary>
internal static class LocalLists
{
    /// <summary>A list that is filled and read in turns is written out again and again; beyond this it stays a list that changes.</summary>
    private const long MostItems = 100_000;

    /// <summary>Whether the node changes its first argument, a list.</summary>
    public static bool IsMutation(Node node) => node.Kind switch
    {
        "aten::append" or "aten::extend" or "aten::insert" or "aten::pop" or "aten::reverse" or "aten::clear" or "aten::_set_item" or "aten::Delete" => true,
        "aten::add_" => node.Inputs is [{ Type: ListType }, ..],
        _ => false,
    };

    public static HashSet<Value> Of(ImmutableArray<Node> nodes)
    {
        var lists = new HashSet<Value>(nodes.Where(node => node.Kind == "prim::ListConstruct").Select(node => node.Outputs[0]), ReferenceEqualityComparer.Instance);
        var changed = new HashSet<Value>(ReferenceEqualityComparer.Instance);
        var joins = new List<(Value List, Value Other)>();
        foreach (var node in nodes)
        {
            for (var i = 0; i < node.Inputs.Length; i++)
            {
                Use(node, i);
            }

            RemoveCaptured(node.Blocks, lists);
        }

        // One list that cannot be followed takes those with it that are made of it.
        var madeOf = joins.ToLookup(join => join.Other, join => join.List, (IEqualityComparer<Value>)ReferenceEqualityComparer.Instance);
        var lost = new Stack<Value>(joins.Select(join => join.Other).Where(other => !lists.Contains(other)));
        while (lost.TryPop(out var other))
        {
            foreach (var list in madeOf[other].Where(lists.Remove))
            {
                lost.Push(list);
            }
        }

        // A list that never changes is followed only where another is made of it.
        var joined = joins.Where(join => lists.Contains(join.List)).Select(join => join.Other).ToHashSet<Value>(ReferenceEqualityComparer.Instance);
        lists.RemoveWhere(list => !changed.Contains(list) && !joined.Contains(list));
        return ItemsWrittenOut(nodes, lists) <= MostItems ? lists : [];

        void Use(Node node, int position)
        {
            var value = node.Inputs[position];
            if (IsMutation(node))
            {
                var follows = position == 0
                    ? node.Kind is "aten::append" or "aten::clear" or "aten::reverse" or "aten::extend" or "aten::add_" && node.Outputs.IsEmpty
                    : node.Kind is "aten::extend" or "aten::add_" && value != node.Inputs[0];
                if (!follows)
                {
                    lists.Remove(value);
                }
                else if (position == 0)
                {
                    changed.Add(value);
                }
                else
                {
                    joins.Add((node.Inputs[0], value));
                }
            }
            else if (node.Kind is "prim::ListConstruct" or "prim::TupleConstruct" or "prim::Loop" or "prim::unchecked_cast" or "prim::unchecked_unwrap_optional" or "aten::_unwrap_optional" or "aten::__is__" or "aten::__isnot__")
            {
                lists.Remove(value); // known by another name from here on
            }
        }
    }

    /// <summary>Items of all lists that would be written out, one list per read.</summary>
    private static long ItemsWrittenOut(ImmutableArray<Node> nodes, HashSet<Value> lists)
    {
        var lengths = new Dictionary<Value, long>(ReferenceEqualityComparer.Instance);
        long written = 0;
        foreach (var node in nodes)
        {
            if (node.Kind == "prim::ListConstruct" && lists.Contains(node.Outputs[0]))
            {
                lengths[node.Outputs[0]] = node.Inputs.Length;
            }
            else if (IsMutation(node) && lengths.TryGetValue(node.Inputs[0], out var length))
            {
                var grown = length + (node.Inputs.Length < 2 ? 0 : node.Kind == "aten::append" ? 1 : lengths[node.Inputs[1]]);
                lengths[node.Inputs[0]] = node.Kind == "aten::clear" ? 0 : Math.Min(grown, MostItems + 1);
            }
            else
            {
                written += node.Inputs.Sum(input => lengths.GetValueOrDefault(input));
            }

            if (written > MostItems)
            {
                return written;
            }
        }

        return written + lengths.Values.Sum();
    }

    private static void RemoveCaptured(ImmutableArray<Block> blocks, HashSet<Value> lists)
    {
        foreach (var block in blocks)
        {
            lists.ExceptWith(block.Outputs);
            foreach (var node in block.Nodes)
            {
                lists.ExceptWith(node.Inputs);
                RemoveCaptured(node.Blocks, lists);
            }
        }
    }
}
