using System.Collections.Immutable;
using System.Text;

namespace Fuser.Host.Hocon;

/// <summary>Reads path expressions: keys, and what stands in a substitution.</summary>
internal static class HoconPathParser
{
    /// <summary>Takes a path up to a character that cannot be a part of one.</summary>
    /// <exception cref="HoconException">There is no path here, or a name in it is empty.</exception>
    public static HoconPath Take(HoconCursor cursor, HoconLimits limits)
    {
        var start = cursor.Place;
        var names = ImmutableArray.CreateBuilder<string>();
        var name = new StringBuilder();
        var hasName = false;
        var pieces = 0;
        for (var blanks = ""; ; blanks = cursor.TakeBlanks())
        {
            if (cursor.AtEnd || cursor.AtComment || "\n:={}[],+".Contains(cursor.Current))
            {
                break;
            }

            pieces++;
            name.Append(blanks);
            if (cursor.Current == '"')
            {
                name.Append(HoconStrings.TakeQuoted(cursor, limits));
                hasName = true;
                continue;
            }

            if (cursor.Current == '$')
            {
                throw cursor.Error("a key cannot have a substitution in it; write the key itself");
            }

            foreach (var c in HoconStrings.TakeUnquoted(cursor, limits))
            {
                if (c == '.')
                {
                    End();
                }
                else
                {
                    name.Append(c);
                    hasName = true;
                }
            }
        }

        if (pieces == 0)
        {
            throw cursor.Error($"got {cursor.Here}, wanted a key");
        }

        End();
        return new HoconPath(names.ToImmutable());

        void End()
        {
            if (!hasName)
            {
                throw new HoconException(start, "a name in the path is empty; write \"\" if an empty name is meant, and remove the dot otherwise");
            }

            if (names.Count >= limits.MaxNesting)
            {
                throw new HoconException(start, $"the path has more than {limits.MaxNesting} names");
            }

            names.Add(name.ToString());
            name.Clear();
            hasName = false;
        }
    }
}
