using System.Text;

namespace Fuser.Host.Hocon;

/// <summary>
/// Puts substitutions in and merges what belongs together. Everything a path was given forms its layers, earliest first. A layer hides those
/// below it unless both are objects; what is hidden is never looked at, so it may even be wrong. A substitution that leads back to the
/// layer it stands in sees only the layers below: that is how <c>path = ${path}":/bin"</c> means the earlier value.
/// </summary>
internal sealed class HoconResolver
{
    private readonly HoconObject _root;
    private readonly HoconLimits _limits;
    private readonly Func<string, string?> _environment;
    private readonly HashSet<HoconNode> _active = new(ReferenceEqualityComparer.Instance);
    private int _steps;
    private int _depth;

    private HoconResolver(HoconObject root, HoconLimits limits, Func<string, string?> environment)
    {
        _root = root;
        _limits = limits;
        _environment = environment;
    }

    /// <param name="environment">Gives a variable's value for a path that has none in the files.</param>
    /// <exception cref="HoconException">A substitution has no value, values side by side do not go together, or a limit is passed.</exception>
    public static HoconObject Resolve(HoconObject root, HoconLimits limits, Func<string, string?> environment) =>
        (HoconObject)new HoconResolver(root, limits, environment).Resolve([root])!;

    /// <summary>The value of some layers: text, null, a list or an object without substitutions; null when they leave it undefined.</summary>
    private HoconNode? Resolve(List<HoconNode> layers)
    {
        for (var top = layers.Count - 1; top >= 0; top--)
        {
            if (Evaluate(layers[top]) is { } value)
            {
                return value is HoconObject ? Merge(layers[..(top + 1)], layers[top].Place) : value;
            }
        }

        return null;
    }

    /// <summary>
    /// What one layer is: a finished value, some object, or null when it is undefined. Members of objects are left alone, so that they may refer to
    /// each other.
    /// </summary>
    private HoconNode? Evaluate(HoconNode layer)
    {
        Step(layer);
        if (layer is HoconText or HoconNull or HoconObject)
        {
            return layer;
        }

        using (Enter(layer))
        {
            return layer switch
            {
                HoconList list => new HoconList(list.Place, [.. list.Items.Select(item => Resolve([item])).OfType<HoconNode>()]),
                HoconSubstitution substitution => Enumerable.Reverse(Find(substitution)).Select(Evaluate).FirstOrDefault(value => value is not null),
                _ => Join((HoconConcatenation)layer),
            };
        }
    }

    private HoconObject Merge(List<HoconNode> layers, HoconPlace place)
    {
        var result = new HoconObject(place);
        foreach (var name in Names(layers).Distinct(StringComparer.Ordinal).ToList())
        {
            if (Resolve(Below(layers, name)) is { } value)
            {
                result.Add(name, value);
            }
        }

        return result;
    }

    /// <summary>Names of the members of an object given by layers, down to the first that is no object.</summary>
    private List<string> Names(List<HoconNode> layers)
    {
        var names = new List<string>();
        Visit(layers, part =>
        {
            Step(part, part.Names.Count);
            names.InsertRange(0, part.Names);
        });
        return names;
    }

    /// <summary>The layers of one member, earliest first.</summary>
    private List<HoconNode> Below(List<HoconNode> layers, string name)
    {
        var result = new List<HoconNode>();
        Visit(layers, part => result.InsertRange(0, part.Values(name)));
        return result;
    }

    /// <summary>Visits the object literals that some layers are made of, topmost first, until one that is no object.</summary>
    /// <returns>Whether to go on with what lies below these layers.</returns>
    private bool Visit(List<HoconNode> layers, Action<HoconObject> visit)
    {
        for (var i = layers.Count - 1; i >= 0; i--)
        {
            Step(layers[i]);
            switch (layers[i])
            {
                case HoconObject part:
                    visit(part);
                    break;
                case HoconSubstitution or HoconConcatenation when !_active.Contains(layers[i]):
                    using (Enter(layers[i]))
                    {
                        var parts = layers[i] is HoconSubstitution substitution ? Find(substitution) : ((HoconConcatenation)layers[i]).Pieces;
                        if (!Visit(parts, visit))
                        {
                            return false;
                        }
                    }

                    break;
                case HoconText { IsBlank: true }:
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    /// <summary>The layers a substitution stands for, without those that are just being worked out and what lies above them.</summary>
    private List<HoconNode> Find(HoconSubstitution substitution)
    {
        foreach (var prefix in substitution.Prefix.Names.IsEmpty ? [substitution.Prefix] : new[] { substitution.Prefix, new HoconPath([]) })
        {
            List<HoconNode> layers = [_root];
            foreach (var name in substitution.Path.Below(prefix).Names)
            {
                layers = Below(layers, name);
                var active = layers.FindIndex(_active.Contains);
                if (active >= 0)
                {
                    layers.RemoveRange(active, layers.Count - active);
                }
            }

            if (layers.Count > 0)
            {
                return layers;
            }
        }

        if (_environment(substitution.Path.Plain) is { } variable)
        {
            return [new HoconText(substitution.Place, variable, isQuoted: true)];
        }

        return substitution.IsOptional
            ? []
            : throw new HoconException(substitution.Place, $"${{{substitution.Path}}} has no value: no setting and no environment variable has that name, or it leads back to itself; write ${{?{substitution.Path}}} if it may be missing");
    }

    /// <summary>Values side by side.</summary>
    private HoconNode? Join(HoconConcatenation concatenation)
    {
        var values = concatenation.Pieces.ConvertAll(Evaluate);
        var kinds = values.Where(value => value is not null and not HoconText { IsBlank: true }).ToList();
        if (kinds.Count == 0)
        {
            return null;
        }

        if (kinds.TrueForAll(value => value is HoconObject))
        {
            return kinds[0];
        }

        if (kinds.TrueForAll(value => value is HoconList))
        {
            return new HoconList(concatenation.Place, [.. kinds.Cast<HoconList>().SelectMany(list => list.Items)]);
        }

        var text = new StringBuilder();
        foreach (var value in values)
        {
            var piece = value switch
            {
                null => "",
                HoconText known => known.Text,
                HoconNull => "null",
                _ => throw new HoconException(concatenation.Place, "text, lists and objects cannot be joined with each other; separate them with a comma or a new line, or put the text in quotes"),
            };
            if (text.Length + piece.Length > _limits.MaxTextLength)
            {
                throw new HoconException(concatenation.Place, $"the joined text is longer than {_limits.MaxTextLength} characters");
            }

            text.Append(piece);
        }

        return new HoconText(concatenation.Place, text.ToString());
    }

    private void Step(HoconNode node, int count = 1)
    {
        _steps += count;
        if (_steps > _limits.MaxSteps)
        {
            throw new HoconException(node.Place, $"the substitutions here multiply to more than {_limits.MaxSteps} steps; write the values themselves");
        }
    }

    private Working Enter(HoconNode node)
    {
        if (++_depth > _limits.MaxNesting)
        {
            throw new HoconException(node.Place, $"substitutions lead to substitutions more than {_limits.MaxNesting} times");
        }

        return new Working(this, node, _active.Add(node));
    }

    /// <summary>While it lasts, a node is being worked out.</summary>
    private readonly struct Working(HoconResolver resolver, HoconNode node, bool added) : IDisposable
    {
        public void Dispose()
        {
            resolver._depth--;
            if (added)
            {
                resolver._active.Remove(node);
            }
        }
    }
}
