namespace Fuser.Actors.Core;

/// <summary>Brings the outcome of asynchronous work back to an actor as a message.</summary>
public static class PipeToExtensions
{
    /// <summary>Sends the outcome to the recipient when it is there, and returns at once. A failure arrives as <see cref="Status.Failure"/> unless <paramref name="failure"/> makes another message of it.</summary>
    /// <param name="task">The work.</param>
    /// <param name="recipient">Usually Self, or the Sender of the message being handled.</param>
    /// <param name="success">Makes the message; the outcome itself when null.</param>
    /// <param name="failure">Makes the message for a failure or cancellation.</param>
    public static void PipeTo<T>(this Task<T> task, ReplyTo recipient, Func<T, object>? success = null, Func<Exception, object>? failure = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        new ValueTask<T>(task).PipeTo(recipient, success, failure);
    }

    /// <inheritdoc cref="PipeTo{T}(Task{T}, ReplyTo, Func{T, object}, Func{Exception, object})"/>
    public static void PipeTo<T>(this ValueTask<T> task, ReplyTo recipient, Func<T, object>? success = null, Func<Exception, object>? failure = null) =>
        _ = DeliverAsync(task, recipient, success, failure);

    /// <summary>As the others, for work without an outcome: sends <see cref="Status.Success"/> unless <paramref name="success"/> makes another message.</summary>
    public static void PipeTo(this Task task, ReplyTo recipient, Func<object>? success = null, Func<Exception, object>? failure = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        _ = DeliverAsync(WithOutcomeAsync(task, success), recipient, null, failure);
    }

    private static async ValueTask<object> WithOutcomeAsync(Task task, Func<object>? success)
    {
        await task.ConfigureAwait(false);
        return success?.Invoke() ?? new Status.Success();
    }

    private static async Task DeliverAsync<T>(ValueTask<T> task, ReplyTo recipient, Func<T, object>? success, Func<Exception, object>? failure)
    {
        object message;
        try
        {
            T outcome = await task.ConfigureAwait(false);
            message = (success is null ? outcome : success(outcome)) ?? throw new InvalidOperationException("The work piped to an actor came to null, which is no message.");
        }
        catch (Exception cause)
        {
            message = failure?.Invoke(cause) ?? new Status.Failure(cause);
        }

        recipient.Tell(message);
    }
}
