package dev.yibu.http;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;
import okhttp3.ResponseBody;

/**
 * The innermost of the interceptors, and the only one, since each costs all requests something: it tells the connection where
 * the answer to each request begins and ends, and OkHttp nothing that would make it ask again.
 */
final class AnswerBounds implements Interceptor {
    @Override
    public Response intercept(Chain chain) throws IOException {
        AnswerInput answers = AnswerInput.of(chain.connection());
        if (answers == null) {
            return NoSecondTry.disguised(chain.proceed(chain.request()));
        }
        answers.expectHead();
        Response response = chain.proceed(chain.request());
        if (answers.expectBody(response)) {
            return NoSecondTry.disguised(response);
        }
        response.body().close(); // finds nothing, and so leaves the connection to nobody else
        return NoSecondTry.disguised(
                response.newBuilder().body(ResponseBody.EMPTY).build());
    }
}
