namespace Fuser.Host.Hocon;

/// <summary>An include statement.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Name">The file as it is named there.</param>
/// <param name="IsRequired">Whether the file must be there; a missing one is no error otherwise, as the specification has it.</param>
internal sealed record HoconInclude(HoconPlace Place, string Name, bool IsRequired)
{
    private const string Keyword = "include";

    /// <summary>Takes a statement if one is here, at the beginning of a member.</summary>
    /// <exception cref="HoconException">The word is there, but what follows is no statement that is supported.</exception>
    public static HoconInclude? TryTake(HoconCursor cursor, HoconLimits limits)
    {
        if (!cursor.StartsWith(Keyword) || (!HoconCursor.IsBlank(cursor.Peek(Keyword.Length)) && !"\":={".Contains(cursor.Peek(Keyword.Length))))
        {
            return null;
        }

        var place = cursor.Place;
        cursor.Skip(Keyword.Length);
        cursor.TakeBlanks();
        var isRequired = TryTakeFunction(cursor, "required");
        var isFile = TryTakeFunction(cursor, "file");
        foreach (var refused in new[] { "url", "classpath" })
        {
            if (cursor.StartsWith(refused + "("))
            {
                throw cursor.Error($"include {refused}(...) is not supported; copy the file beside this one and include it by name");
            }
        }

        if (cursor.Current != '"')
        {
            throw cursor.Error($"got {cursor.Here} after include, wanted a file name in double quotes; a key of that name stands in quotes itself");
        }

        var name = HoconStrings.TakeQuoted(cursor, limits);
        Close(cursor, isFile);
        Close(cursor, isRequired);
        return new HoconInclude(place, Checked(name, place), isRequired);
    }

    private static bool TryTakeFunction(HoconCursor cursor, string name)
    {
        if (!cursor.StartsWith(name + "("))
        {
            return false;
        }

        cursor.Skip(name.Length + 1);
        cursor.TakeBlanks();
        return true;
    }

    private static void Close(HoconCursor cursor, bool isOpen)
    {
        if (isOpen)
        {
            cursor.TakeBlanks();
            if (!cursor.TryTake(')'))
            {
                throw cursor.Error($"got {cursor.Here}, wanted ')'");
            }
        }
    }

    private static string Checked(string name, HoconPlace place)
    {
        if (name.Contains("://", StringComparison.Ordinal))
        {
            throw new HoconException(place, $"'{name}' is an address; only files can be included");
        }

        // The specification lets a bare name stand for .conf, .json and .properties files together, which is easily misread.
        return Path.GetExtension(name) is ".conf" or ".hocon" or ".json"
            ? name
            : throw new HoconException(place, $"'{name}' cannot be included; name the file with its extension .conf, .hocon or .json");
    }
}
